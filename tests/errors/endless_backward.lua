local mb = require "moonburn"
local experiment = { options = { steps = 3, way = "hook" } }

function experiment.setup(session)
  session.head = mb.nn.linear(3, 2)
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

local function endless(session)
  while session.step == 2 do pcall(error) end
end

local ways = {
  hook = function(session, y)
    y:hook(function() endless(session) end)
    return y * 1
  end,
  operation = function(session, y)
    return mb.operation {
      forward = function(_, x) return x * 1 end,
      backward = function(_, g)
        endless(session)
        return g
      end,
    }(y)
  end,
  recompute = function(session, y)
    local runs = 0
    return mb.recompute(function(x)
      runs = runs + 1
      if runs == 2 then endless(session) end
      return x * x
    end, y)
  end,
}

function experiment.episode()
  return mb.ones(4, 3)
end

function experiment.loss(session, x, o)
  return ways[o.way](session, session.head(x)):mean()
end

return experiment
