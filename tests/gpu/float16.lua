-- The same steps of SimCLR with a loss that is small enough for the first loss scale of float16, and products whose
-- values and gradients are logged.
local mb = require "moonburn"
local simclr = require "simclr"

local experiment = { options = simclr.options, setup = simclr.setup }

local function filled(...)
  local t = mb.zeros(...)
  return (mb.range(1, t:numel()):cast("float32") * 0.7):sin():reshape(t.shape):requires_grad()
end

local products = {
  matmul = { filled(7, 33), filled(33, 5), function(a, b) return a:matmul(b) end },
  batched = { filled(3, 1, 4, 6), filled(2, 6, 5), function(a, b) return a:matmul(b) end },
}

local layers = {
  linear = { mb.nn.linear(9, 4), filled(5, 9) },
  strided = { mb.nn.conv2d(4, 5, { kernel = 3, stride = 2, padding = 1 }), filled(2, 4, 9, 8) },
  grouped = { mb.nn.conv2d(4, 6, { kernel = 3, groups = 2 }), filled(2, 4, 6, 6) },
  pointwise = { mb.nn.conv2d(8, 3, { kernel = 1, bias = false }), filled(3, 8, 5, 5) },
}

local function squares(x) return (x * x):sum():item() end

local function log(session, name, output, inputs)
  local weights = (mb.range(1, output:numel()):cast("float32") * 0.3):cos():reshape(output.shape)
  local gradients = mb.grad((output * weights):sum(), inputs)
  local values = { [name] = squares(output) }
  for i, gradient in pairs(gradients) do values[name .. "_gradient_" .. i] = squares(gradient) end
  session:log(values)
end

function experiment.episode(session, options)
  for name, case in pairs(products) do
    local precision = session.step > 1 and "float32" or options.precision
    log(session, name, mb.autocast(precision, function() return case[3](case[1], case[2]) end), { case[1], case[2] })
  end
  for name, case in pairs(layers) do
    local layer = case[1]
    if session.step == 1 then layer:realise(name) end
    log(session, name, layer(case[2]), { case[2], layer.weight })
  end
  return simclr.episode(session, options)
end

function experiment.loss(session, episode)
  return simclr.loss(session, episode) * 2 ^ -10
end

return experiment
