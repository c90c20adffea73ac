-- An episode scheme of one's own. Every image is a class: its support views differ from it in colour alone, its query views
-- in geometry alone, so that neither can be what the classes are told by.
local mb = require "moonburn"
local head = require("moonburn.heads.prototypes").new { temperature = 0.4 } -- or nt_xent, ridge, svm

---@type moonburn.Script
local experiment = {
  options = {
    images = "shapes", -- the built-in set, a folder with a folder per class, or CIFAR-10's binary batches
    ways = 64,         -- classes of a task
    shots = 1,         -- support views of each
    queries = 1,       -- query views of each
    steps = 312,       -- updates
    lr = 0.1,          -- the learning rate after the warm-up
  },
}

local augment = mb.augment
local colour = augment.chain {
  augment.color_jitter { brightness = 0.8, contrast = 0.8, saturation = 0.8, hue = 0.2 },
  augment.grayscale { p = 0.4 },
}
local geometry = augment.chain {
  augment.random_resized_crop { size = 32, scale = { 0.35, 1 } },
  augment.horizontal_flip(),
}

function experiment.setup(session, o)
  session.images    = mb.data.images(o.images, { split = "train", size = 32 })
  session.test      = mb.data.images(o.images, { split = "test", size = 32 })
  session.encoder   = mb.model.resnet18 { stem = "cifar", width = 8 }
  session.projector = mb.nn.projector { 64, 64, 64 }
  session.optimizer = mb.optim.sgd { lr = mb.schedule.warmup_cosine(o.lr, { warmup = 0.1 }), momentum = 0.9 }
end

-- The scheme: what the classes are, and which images are their support and queries.
function experiment.episode(session, o)
  local batch = session.images:next(o.ways)
  return mb.episode.of {
    support = batch:views(colour, { views = o.shots }),
    query = batch:views(geometry, { views = o.queries, first = o.shots + 1 }),
    ways = #batch,
  }
end

function experiment.loss(session, episode)
  return head(episode, session.projector(session.encoder(episode.images)))
end

-- How many test images have a neighbour of their class among the training images.
function experiment.evaluate(session)
  return { knn_accuracy = mb.evaluate.knn(session.encoder, session.images, session.test, { k = 20, temperature = 0.1 }) }
end

return experiment
