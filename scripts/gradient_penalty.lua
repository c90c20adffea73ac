-- WGAN-GP (Gulrajani et al., NeurIPS 2017): a critic tells how far generated images are from real ones. Its gradient by an
-- image between the two must have the length 1: a term of its loss, whose own gradient is thus of second order.
local mb = require "moonburn"

---@type moonburn.Script
local experiment = {
  options = {
    images = "shapes", -- the built-in set, an image folder, or a folder with CIFAR-10's binary batches
    size = 16,         -- images are brought to this side
    batch = 64,        -- images per step
    steps = 1000,      -- updates
    lr = 0.05,         -- the learning rate
    penalty = 10.0,    -- the weight of the gradient's penalty
    width = 32,        -- channels of the critic's first layer
    hidden = 256,      -- units of the generator's hidden layer
    noise = 32,        -- numbers that an image is generated from
    critic_steps = 1,  -- for one of the generator; the paper has 5
  },
}

function experiment.setup(session, o)
  local nn, halving = mb.nn, { kernel = 3, stride = 2, padding = 1 }
  session.images    = mb.data.images(o.images, { split = "train", size = o.size })
  session.test      = mb.data.images(o.images, { split = "test", size = o.size })
  session.critic    = nn.sequential { nn.conv2d(3, o.width, halving), nn.relu(), nn.conv2d(o.width, 2 * o.width, halving),
    nn.relu(), nn.flatten(), nn.linear(2 * o.width * (o.size // 4) ^ 2, 1) }
  session.generator = nn.sequential { nn.linear(o.noise, o.hidden), nn.batch_norm(o.hidden), nn.relu(),
    nn.linear(o.hidden, 3 * o.size * o.size), nn.sigmoid() }
  session.optimizer = mb.optim.sgd { lr = o.lr }
end

function experiment.episode(session, o) return session.images:next(o.batch):images() end

---@param real moonburn.Tensor
function experiment.loss(session, real, o)
  local critic, count = session.critic, real.shape[1] ---@type moonburn.Module, integer
  local fake, share = session.generator(mb.randn(count, o.noise)):reshape(count, 3, o.size, o.size), mb.rand(count, 1, 1, 1)
  local between = (share * real + (1 - share) * fake:detach()):requires_grad()
  local slope = mb.grad(critic(between):sum(), { between }, { create_graph = true })[1]
  local penalty = ((slope:flatten(2):norm(2) - 1) ^ 2):mean()
  local distance = critic(real):mean() - critic(fake:detach()):mean()
  session:log { distance = distance:item(), penalty = penalty:item() }
  local loss = o.penalty * penalty - distance
  if session.step % o.critic_steps ~= 0 then return loss end
  local constants = {} -- the generator's step does not move the critic
  for path, parameter in pairs(critic:parameters()) do constants[path] = parameter:detach() end
  return loss - critic:functional_call(constants, fake):mean()
end

-- The energy distance (Székely & Rizzo 2013) of generated from test images, of which no network tells.
function experiment.evaluate(session, o)
  local real = session.test:pick(mb.range(1, math.min(500, #session.test))):images():flatten(2)
  local fake = session.generator:eval()(mb.randn(real.shape[1], o.noise))
  session.generator:train()
  local function apart(a, b) return mb.linalg.squared_distances(a, b):relu():sqrt():mean():item() end
  return { energy_distance = 2 * apart(real, fake) - apart(real, real) - apart(fake, fake) }
end

return experiment
