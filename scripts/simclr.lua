-- SimCLR (Chen et al. 2020): every image of a batch is a class of its own, and two augmented views of it must find
-- each other among all others.
local mb = require "moonburn"

local options = {
  images = "shapes", -- the built-in set, an image folder, or a folder with CIFAR-10's binary batches
  size = 32,         -- images are brought to this side
  width = 8,         -- channels of the first stage of the ResNet-18
  batch = 64,
  epochs = 4,
  lr = 0.1,
  temperature = 0.2,
  crop = 0.35,       -- the least part of an image's area that a view shows
  jitter = 1.0,      -- the strength of the colour jitter
  grayscale = 0.4,   -- how often a view has no colours
  k = 20,            -- neighbours that vote in the evaluation
}

local function augmentation(o)
  local augment, strength = mb.augment, 0.8 * o.jitter
  return augment.chain {
    augment.random_resized_crop { size = o.size, scale = { o.crop, 1 } },
    augment.horizontal_flip(),
    augment.color_jitter { brightness = strength, contrast = strength, saturation = strength, hue = 0.2 * o.jitter, p = 0.8 },
    augment.grayscale { p = o.grayscale },
  }
end

local experiment = { options = options }

function experiment.setup(session, o)
  local features = 8 * o.width
  session.images    = mb.data.images(o.images, { split = "train", size = o.size })
  session.test      = mb.data.images(o.images, { split = "test", size = o.size })
  session.encoder   = mb.model.resnet18 { stem = "cifar", width = o.width }
  session.projector = mb.nn.projector { features, features, 64 }
  session.optimizer = mb.optim.sgd { lr = mb.schedule.warmup_cosine(o.lr, { warmup = 0.1 }), momentum = 0.9, weight_decay = 5e-4 }
  session:plan(o.epochs * (#session.images // o.batch))
end

function experiment.episode(session, o)
  return mb.episode.views(session.images:next(o.batch), { augment = augmentation(o), views = 2 })
end

function experiment.loss(session, episode, o)
  local z = session.projector(session.encoder(episode.images))
  return mb.loss.nt_xent(z, { views = 2, temperature = o.temperature })
end

-- Called before the training and after it.
function experiment.evaluate(session, o)
  return { knn_accuracy = mb.evaluate.knn(session.encoder, session.images, session.test, { k = o.k }) }
end

return experiment
