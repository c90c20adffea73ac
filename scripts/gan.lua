-- A GAN (Goodfellow et al., NeurIPS 2014) of points on a ring of eight Gaussians: two networks, two optimizers.
local mb = require "moonburn"

---@type moonburn.Script
local experiment = {
  options = {
    modes = 8,     -- Gaussians on the ring
    count = 10000, -- points of them, which the data set has
    spread = 0.05, -- their standard deviation; the ring's radius is 1
    latent = 8,    -- the size of the generator's input
    hidden = 128,  -- of the hidden layers
    batch = 256,   -- points per step
    steps = 2000,  -- updates of both
    lr = 1e-3,     -- of both
  },
}

local function mlp(inputs, hidden, outputs)
  local nn, leaky = mb.nn, { negative_slope = 0.2 }
  return nn.sequential { nn.linear(inputs, hidden), nn.leaky_relu(leaky), nn.linear(hidden, hidden), nn.leaky_relu(leaky), nn.linear(hidden, outputs) }
end

local function centres(o)
  local angles = 2 * math.pi * mb.range(1, o.modes):cast "float32" / o.modes
  return mb.stack({ angles:cos(), angles:sin() }, 2)
end

function experiment.setup(session, o)
  session.points        = mb.data.from { x = centres(o)[mb.randint(1, o.modes, o.count)] + o.spread * mb.randn(o.count, 2) }
  session.generator     = mlp(o.latent, o.hidden, 2)
  session.discriminator = mlp(2, o.hidden, 1)
  session.of_generator     = mb.optim.adam { lr = o.lr, betas = { 0.5, 0.999 }, parameters = { "generator" } }
  session.of_discriminator = mb.optim.adam { lr = o.lr, betas = { 0.5, 0.999 }, parameters = { "discriminator" } }
end

function experiment.train(session, o)
  local discriminator, loss = session.discriminator, mb.loss.bce_with_logits
  local ones, zeros = mb.ones(o.batch, 1), mb.zeros(o.batch, 1)
  for _ in session:steps() do
    local real, fake = session.points:next(o.batch).x, session.generator(mb.randn(o.batch, o.latent))
    session.of_discriminator:update(loss(discriminator(real), ones) + loss(discriminator(fake:detach()), zeros))
    session.of_generator:update(loss(discriminator(fake), ones))
  end
end

-- How many modes have a fair share of the points, and how many points lie within three deviations of one.
function experiment.evaluate(session, o)
  local made = session.generator(mb.randn(2000, o.latent))
  local distances = mb.linalg.cdist(made, centres(o))
  local counts = distances:argmin(2):bincount(o.modes)
  return {
    modes = counts:gt(2000 / o.modes / 4):cast("int32"):sum():item(),
    near = 100 * distances:amin(2):lt(3 * o.spread):cast("float32"):mean():item(),
  }
end

return experiment
