-- One step whose metrics are sums over what kernels of the script's own give, and over their gradients, for comparing
-- devices.
local mb = require "moonburn"

local swish = mb.kernel("swish.wgsl", { backward = "swish_backward.wgsl" })
local product = mb.kernel("tests/shaders/product.wgsl", {
  shapes = function(inputs) return { product = { inputs.rows, inputs.columns } } end,
  threads = function(inputs) return { inputs.columns, inputs.rows } end,
  backward = {
    "product_backward.wgsl",
    threads = function(inputs) return math.max(inputs.rows, inputs.columns) * inputs.inner end,
  },
})
local split = mb.kernel("tests/shaders/split.wgsl", { shapes = { total = { 1 } }, dtypes = { positive = "bool" }, threads = 77 })

local experiment = { options = { steps = 1 } }

function experiment.setup(session)
  session.head = mb.nn.linear(5, 1)
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

function experiment.episode(session)
  local a, b = mb.randn(7, 11):requires_grad(), mb.randn(11, 5):requires_grad()
  -- Operations of the device before, between and after; inputs that are turned.
  local activated = swish { x = a:transpose():mul(2):transpose(), beta = 1.3 }
  local y = product { left = activated, right = b:exp(), rows = 7, inner = 11, columns = 5 }
  local weights = mb.range(1, 35):cast("float32"):reshape(7, 5):cos()
  local sum = (y:tanh() * weights):sum()
  local gradients = mb.grad(sum, { a, b })
  local doubled, positive, total = split { x = mb.randn(77), index = mb.range(-30, 46), keep = mb.rand(77):gt(0.4) }
  session:log {
    sum = sum,
    left = (gradients[1] * gradients[1]):sum(),
    right = (gradients[2] * gradients[2]):sum(),
    doubled = (doubled * mb.range(1, 77)):sum():cast("float32"),
    positive = (positive:cast("int32") * mb.range(1, 77)):sum():cast("float32"),
    total = total:sum():cast("float32"),
    check = mb.check_gradient(swish, { x = mb.randn(30), beta = 0.7 }) < 0.01 and 1 or 0,
  }
  return mb.ones(3, 5)
end

function experiment.loss(session, x)
  return session.head(swish { x = x, beta = 1 }):mean()
end

return experiment
