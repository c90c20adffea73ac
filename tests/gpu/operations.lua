-- One step whose metrics are sums over tensor operations and their gradients, for comparing devices.
local mb = require "moonburn"

local functions = {
  exp = function(x) return x:exp() end,
  log = function(x) return (x * x + 0.5):log() end,
  sqrt = function(x) return (x * x + 0.5):sqrt() end,
  tanh = function(x) return x:tanh() end,
  erf = function(x) return x:erf() end,
  sigmoid = function(x) return x:sigmoid() end,
  gelu = function(x) return x:gelu() end,
  relu = function(x) return x:relu() end,
  softmax = function(x) return x:softmax(1) end,
  log_softmax = function(x) return x:log_softmax() end,
  normalize = function(x) return x:normalize() end,
  max = function(x) return x:max(2) end,
  min = function(x) return x:min(1) end,
  var = function(x) return x:var(2) end,
  matmul = function(x) return x:matmul(x:transpose()) end,
  broadcast = function(x) return x * x:mean(1, true) / (x:sum(2, true) + 20) end,
  slice = function(x) return x:slice(2, 2, -2):flip(1) end,
  select = function(x) return x:index_select(2, { 1, 3, 1 }) end,
  gather = function(x) return x:gather(1, mb.tensor { { 1, 2, 3, 3, 2 } }) end,
  permute = function(x) return x:reshape(7, 5, 1):permute(3, 1, 2) * 2 end,
  where = function(x) return mb.where(x:gt(0), x, x * 3) end,
  masked_fill = function(x) return x:masked_fill(x:lt(0), 2) end,
  topk = function(x) return (x:topk(3, 1)) end,
  cat = function(x) return mb.cat({ x, x * 2 }, 2) end,
  pow = function(x) return (x * x + 0.5) ^ 1.5 end,
}

local experiment = { options = { steps = 1 } }

function experiment.setup(session)
  session.head = mb.nn.linear(5, 1)
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

function experiment.episode(session)
  local values = {}
  for name, f in pairs(functions) do
    local x = mb.tensor(session.state.input or {
      { 0.3, -1.2, 0.7, 2.1, -0.4 }, { 1.1, 0.2, -0.9, 0.5, 1.7 }, { -2.0, 0.8, 0.1, -0.6, 0.9 }, { 0.4, 1.3, -1.5, 0.6, -0.2 },
      { 1.9, -0.8, 0.35, -1.1, 0.15 }, { -0.3, 0.95, 1.25, -0.7, 0.45 }, { 0.65, -1.6, 0.85, 0.05, -0.55 },
    }):requires_grad()
    local y = f(x)
    local weights = mb.range(1, y:numel()):cast("float32"):reshape(y.shape):cos()
    local sum = (y * weights):sum()
    local gradient = mb.grad(sum, { x })[1]
    values[name] = sum:item()
    values[name .. "_gradient"] = (gradient * gradient):sum():item()
  end
  session:log(values)
  return mb.ones(3, 5)
end

function experiment.loss(session, x)
  return session.head(x):mean()
end

return experiment
