-- SimCLR (Chen et al., ICML 2020): every image of a batch is a class of its own, and two augmented views of it must find
-- each other among all others.
local mb = require "moonburn"
local head = require("moonburn.heads.nt_xent").new { temperature = 0.2 } -- or prototypes, ridge, svm

---@type moonburn.Script
local experiment = {
  options = {
    images = "shapes", -- the built-in set, a folder with a folder per class, or CIFAR-10's binary batches
    batch = 64,        -- images per step
    steps = 312,       -- updates
    lr = 0.1,          -- the learning rate after the warm-up
  },
}

local augment = mb.augment
local simclr = augment.chain {
  augment.random_resized_crop { size = 32, scale = { 0.35, 1 } },
  augment.horizontal_flip(),
  augment.color_jitter { brightness = 0.8, contrast = 0.8, saturation = 0.8, hue = 0.2, p = 0.8 },
  augment.grayscale { p = 0.4 },
}

function experiment.setup(session, o)
  session.images    = mb.data.images(o.images, { split = "train", size = 32 })
  session.test      = mb.data.images(o.images, { split = "test", size = 32 })
  session.encoder   = mb.model.resnet18 { stem = "cifar", width = 8 }
  session.projector = mb.nn.projector { 64, 64, 64 }
  session.optimizer = mb.optim.sgd { lr = mb.schedule.warmup_cosine(o.lr, { warmup = 0.1 }), momentum = 0.9 }
end

-- One task: each image is a class, its views are the shots and the queries.
function experiment.episode(session, o)
  return mb.episode.views(session.images:next(o.batch), { augment = simclr, shots = 1, queries = 1 })
end

function experiment.loss(session, episode)
  return head(episode, session.projector(session.encoder(episode.images)))
end

-- How many test images have a neighbour of their class among the training images.
function experiment.evaluate(session)
  return { knn_accuracy = mb.evaluate.knn(session.encoder, session.images, session.test, { k = 20, temperature = 0.1 }) }
end

return experiment
