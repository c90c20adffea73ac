-- What the killed trainings share: everything of a session that has to last.
local mb = require "moonburn"

local parts = {}

function parts.setup(session, o)
  session.images    = mb.data.images("shapes", { count = 50, size = 16 })
  session.encoder   = mb.model.resnet18 { stem = "cifar", width = 2 }
  session.projector = mb.nn.projector { 16, 24, 8 }
  session.optimizer = mb.optim.sgd { lr = mb.schedule.warmup_cosine(o.lr, { warmup = 0.1 }), momentum = 0.9 }
  session.queue     = mb.zeros(4, 8)
  session.state.sum, session.state.recent, session.state.drift = 0, {}, mb.zeros(8)
end

-- A batch that does not divide the set, so that nearly every step is in the middle of an epoch.
function parts.episode(session, o)
  local augment = mb.augment.chain { mb.augment.random_resized_crop { size = 16 }, mb.augment.horizontal_flip() }
  return mb.episode.views(session.images:next(o.batch), { augment = augment })
end

function parts.loss(session, episode, o)
  local state = session.state
  local z = session.projector(session.encoder(episode.images))
  z = z + 0.05 * mb.randn(2 * o.batch, 8) + 0.01 * session.queue:mean()
  state.sum = state.sum + math.random()
  state.recent = { state.recent[2] or "none", ("%.17g"):format(math.random()) }
  state.drift = 0.9 * state.drift + 0.1 * z:detach():mean(1)
  session.queue = 0.5 * session.queue + mb.rand(4, 8)
  session:log { sum = state.sum, drift = state.drift:mean() }
  return mb.loss.nt_xent(z, { views = 2, temperature = 0.5 })
end

return parts
