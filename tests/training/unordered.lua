-- A training whose sums go by `pairs`: over names, over tensors as keys, over numbers; many metrics at once; a sort with ties.
local mb = require "moonburn"

local unordered = { options = { steps = 6, lr = 0.05, addresses = false } }

function unordered.setup(session, o)
  session.network = mb.nn.sequential { mb.nn.linear(6, 16), mb.nn.relu(), mb.nn.linear(16, 4) }
  session.optimizer = mb.optim.sgd { lr = o.lr, momentum = 0.9 }
  for i = 1, 12 do session.state["name" .. i] = i / 7 end
end

function unordered.episode()
  return mb.randn(5, 6)
end

-- A sum that differs in its last bits with the order of what is added.
local function sum(of)
  local total = 0
  for _, value in pairs(of) do total = total + value end
  return total
end

function unordered.loss(session, x, o)
  local state, squares, weights, records, metrics = session.state, {}, {}, {}, {}
  for name, value in pairs(session.network:parameters()) do squares[name] = (value ^ 2):mean() * 0.1 end
  for i = 1, 9 do weights[mb.randn(4)] = 1 / i end
  for i = 1, 300 do records[i] = { key = i * i % 7, place = i } end
  table.sort(records, function(a, b) return a.key < b.key end)
  local direction = mb.zeros(4)
  for tensor, weight in pairs(weights) do direction = direction + tensor * (weight + records[3].place) end
  for key, value in next, state do state[key] = value * (1 + 0.1 * sum(state)) % 1 end
  for i = 1, 40 do metrics["metric" .. i * 7919 % 101] = sum(state) / i end
  session:log(metrics)
  if o.addresses then
    for _ in pairs { [{}] = 1, [print] = 2 } do end
  end
  return sum(squares) + ((session.network(x) + direction * 0.01) ^ 2):mean() * (1 + sum(state))
end

function unordered.evaluate(session)
  local results = {}
  for key, value in pairs(session.state) do results[key] = value end
  return results
end

return unordered
