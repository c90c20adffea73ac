-- A kernel of one's own with its gradient: the activation swish, x · σ(beta · x) (Ramachandran et al. 2017), in
-- swish.wgsl and swish_backward.wgsl. It is checked against finite differences, then a small net learns a
-- curve with it. episode.png in the run's folder shows the function (blue) and its gradient (orange) for beta 0.5, 1, 2 and 8.
-- Edit one of the shaders while it trains: the next step uses it, and one that is wrong is refused.
local mb = require "moonburn"

---@type moonburn.Script
local experiment = {
  options = {
    steps = 1500, -- updates
    batch = 256,  -- points of the curve per step
    width = 32,   -- units of both hidden layers
    beta = 1.5,   -- of the activation
    lr = 0.3,     -- the learning rate after the warm-up
  },
}

local kernel = mb.kernel("swish.wgsl", { backward = "swish_backward.wgsl" })

---@return moonburn.Tensor
local function swish(x, beta)
  return (kernel { x = x, beta = beta })
end

-- What is to be learnt, for x in -1..1.
---@param x moonburn.Tensor
local function curve(x)
  return (5 * x):sin() * 0.5 + x * x
end

-- The function and its gradient over -4..4 as an image [3, side, side] with values from -1.5 to 4.
local function picture(beta, side)
  ---@return moonburn.Tensor
  local function from(first, last) return first + (mb.range(0, side - 1):cast("float32") + 0.5) * ((last - first) / side) end
  local x = from(-4, 4):requires_grad()
  local y = swish(x, beta)
  local slope = mb.grad(y:sum(), { x })[1]
  local rows = from(4, -1.5):reshape(side, 1)
  -- A line as wide as it is far: 1 on it, 0 away from it.
  ---@param values moonburn.Tensor
  ---@param slopes moonburn.Tensor
  local function line(values, slopes)
    local far = (rows - values:reshape(1, side)) / (slopes * slopes + 1):sqrt():reshape(1, side)
    return (far * far * -600):exp()
  end
  local axes = ((rows * rows * -4000):exp() + (x:detach() * x:detach() * -4000):exp():reshape(1, side)) * 0.25
  local bend = slope:slice(1, 3, side):detach() - slope:slice(1, 1, side - 2):detach()
  bend = mb.cat({ bend:slice(1, 1, 1), bend, bend:slice(1, side - 2, side - 2) }) * (side / 16)
  local blue, orange = line(y:detach(), slope), line(slope, bend)
  return mb.stack { 1 - axes - blue * 0.8 - orange * 0.1, 1 - axes - blue * 0.6 - orange * 0.45, 1 - axes - blue * 0.2 - orange * 0.9 }
end

function experiment.setup(session, o)
  -- An edit that makes the gradient wrong is refused here.
  mb.check_gradient(kernel, { x = mb.randn(100), beta = o.beta })
  session.first     = mb.nn.linear(1, o.width)
  session.second    = mb.nn.linear(o.width, o.width)
  session.third     = mb.nn.linear(o.width, 1)
  session.optimizer = mb.optim.sgd { lr = mb.schedule.warmup_cosine(o.lr, { warmup = 0.05 }), momentum = 0.9 }
end

local function net(session, x, beta)
  return session.third(swish(session.second(swish(session.first(x), beta)), beta))
end

function experiment.train(session, o)
  for step in session:steps() do
    if step == 1 then
      local pictures = mb.stack { picture(0.5, 224), picture(1, 224), picture(2, 224), picture(8, 224) }
      mb.episode.of { support = pictures:slice(1, 1, 2), query = pictures:slice(1, 3, 4), ways = 2 }
    end
    local x = mb.rand(o.batch, 1) * 2 - 1
    session:update(((net(session, x, o.beta) - curve(x)) ^ 2):mean())
  end
end

function experiment.evaluate(session, o)
  local x = mb.range(-100, 100):cast("float32"):reshape(201, 1) / 100
  return { largest_error = (net(session, x, o.beta) - curve(x)):abs():max():item() }
end

return experiment
