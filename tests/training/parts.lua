-- What the trainings here share.
local mb = require "moonburn"

local parts = {}

function parts.setup(session, o)
  session.images    = mb.data.images("shapes", { count = 40 })
  session.test      = mb.data.images("shapes", { count = 20, split = "test" })
  session.encoder   = mb.model.resnet18 { stem = "cifar", width = 2 }
  session.projector = mb.nn.projector { 16, 16, 8 }
  session.optimizer = mb.optim.lars { lr = mb.schedule.warmup_cosine(o.lr, { warmup = 1 }) }
end

function parts.episode(session, o)
  local augment = mb.augment.chain { mb.augment.random_resized_crop { size = 16 }, mb.augment.horizontal_flip() }
  return mb.episode.views(session.images:next(o.batch), { augment = augment })
end

function parts.loss(session, episode)
  return mb.loss.nt_xent(session.projector(session.encoder(episode.images)), { views = 2 })
end

return parts
