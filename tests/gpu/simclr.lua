-- Three steps of SimCLR, small enough for software Vulkan.
local mb = require "moonburn"

local experiment = { options = { steps = 3, batch = 4, width = 4 } }

function experiment.setup(session, o)
  session.images    = mb.data.images("shapes", { count = 64 })
  session.encoder   = mb.model.resnet18 { stem = "cifar", width = o.width }
  session.projector = mb.nn.projector { 8 * o.width, 8 * o.width, 16 }
  session.optimizer = mb.optim.lars { lr = 1.0, weight_decay = 1e-6 }
end

function experiment.episode(session, o)
  local augment = mb.augment.chain {
    mb.augment.random_resized_crop { size = 16 },
    mb.augment.horizontal_flip(),
    mb.augment.color_jitter { brightness = 0.4, contrast = 0.4, saturation = 0.4, hue = 0.1, p = 0.8 },
  }
  return mb.episode.views(session.images:next(o.batch), { augment = augment })
end

function experiment.loss(session, episode)
  local z = session.projector(session.encoder(episode.images))
  return mb.loss.nt_xent(z, { temperature = 0.5 })
end

return experiment
