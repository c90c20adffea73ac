-- A live training that is edited again and again.
local mb = require "moonburn"
local weights = require "weights"

local experiment = {
  options = { steps = 1000000, batch = 6, lr = 0.02, temperature = 0.5 },
  checkpoint = { every = "2s" },
}

function experiment.setup(session, o)
  session.images    = mb.data.images("shapes", { count = 50, size = 16 })
  session.encoder   = mb.model.resnet18 { stem = "cifar", width = 2 }
  session.projector = mb.nn.projector { 16, 16, 8 }
  session.optimizer = mb.optim.sgd { lr = mb.schedule.constant(o.lr), momentum = 0.9 }
  session.state.sum = 0
end

function experiment.episode(session, o)
  local augment = mb.augment.horizontal_flip()
  return mb.episode.views(session.images:next(o.batch), { augment = augment })
end

function experiment.loss(session, episode, o)
  session.state.sum = session.state.sum + math.random()
  local z = session.projector(session.encoder(episode.images))
  z = z + 0.01 * mb.randn(2 * o.batch, 8)
  session:log { sum = session.state.sum }
  return weights.loss * mb.loss.nt_xent(z, { views = 2, temperature = o.temperature })
end

return experiment
