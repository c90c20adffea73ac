-- What the self-supervised scripts share: data, encoder, SimCLR's augmentation, the optimizer, the tricks of Ni et al.
-- (ICLR 2022), the evaluation. A script adds its own components and its head.
local mb = require "moonburn"
local tricks = require "moonburn.tricks"

local self_supervised = {}

-- Every option but a script's own, with its default.
local function shared()
  local options = {
    images = "shapes",     -- the built-in set, an image folder, or a folder with CIFAR-10's binary batches
    size = 32,             -- images are brought to this side
    width = 8,             -- channels of the first stage of the ResNet-18
    embedding = 64,        -- the size of an embedding
    batch = 64,            -- images per step
    shots = 1,             -- support views of each image
    queries = 1,           -- query views of each image
    crops = 0,             -- small views of each image besides, of half the side: further queries
    small = 0.25,          -- the least part of an image's area that a small view shows; it shows at most 0.6
    rotate = 0.0,          -- how often an image is turned by a multiple of 90 degrees, all its views alike
    rotations = 1,         -- as how many classes an image enters, each turned by 90 degrees more
    mix = false,           -- whether queries are mixed, half of the steps by CutMix, half by MixUp
    rotated = 0.0,         -- the share of the views that are turned on their own, by an angle to be predicted
    rotation_weight = 0.1, -- of the prediction's loss at the first step
    anneal = true,         -- whether that weight falls to 0
    epochs = 4,            -- passes over the images
    lr = 0.1,              -- the learning rate after the warm-up; it falls to 0 by a cosine
    crop = 0.35,           -- the least part of an image's area that a view shows
    jitter = 1.0,          -- the strength of the colour jitter
    grayscale = 0.4,       -- how often a view has no colours
    k = 20,                -- neighbours that vote in the evaluation
  }
  return options
end

--- The shared options, and those of the script, which win.
---@param own? table
---@return table
function self_supervised.options(own)
  local options = shared()
  for name, value in pairs(own or {}) do options[name] = value end
  return options
end

--- SimCLR's chain, of views of a size that show a part of an image's area between two; those of the options by default.
---@param o moonburn.Options
---@param size? integer
---@param scale? number[]
---@return moonburn.Augmentation
function self_supervised.augmentation(o, size, scale)
  local augment, strength = mb.augment, 0.8 * o.jitter
  return augment.chain {
    augment.random_resized_crop { size = size or o.size, scale = scale or { o.crop, 1 } },
    augment.horizontal_flip(),
    augment.color_jitter { brightness = strength, contrast = strength, saturation = strength, hue = 0.2 * o.jitter, p = 0.8 },
    augment.grayscale { p = o.grayscale },
  }
end

--- images, test, encoder, projector and optimizer, and the number of steps.
---@param session moonburn.Session
---@param o moonburn.Options
function self_supervised.setup(session, o)
  local features = 8 * o.width
  session.images    = mb.data.images(o.images, { split = "train", size = o.size })
  session.test      = mb.data.images(o.images, { split = "test", size = o.size })
  session.encoder   = mb.model.resnet18 { stem = "cifar", width = o.width }
  session.projector = mb.nn.projector { features, features, o.embedding }
  session.optimizer = mb.optim.sgd { lr = mb.schedule.warmup_cosine(o.lr, { warmup = 0.1 }), momentum = 0.9, weight_decay = 5e-4 }
  if o.rotated > 0 then session.rotation = mb.nn.linear(o.embedding, 4) end
  session:plan(o.epochs * session.images:steps(o.batch))
end

--- The small views of each image as mb.episode.views takes them; nil without any.
---@param o moonburn.Options
---@return moonburn.EpisodeCrops?
function self_supervised.crops(o)
  if o.crops == 0 then return nil end
  return { augment = self_supervised.augmentation(o, o.size // 2, { o.small, 0.6 }), views = o.crops }
end

--- Every image of the next batch is a class.
---@param session moonburn.Session
---@param o moonburn.Options
---@return moonburn.Episode
function self_supervised.episode(session, o)
  local episode = mb.episode.views(session.images:next(o.batch), {
    augment = self_supervised.augmentation(o),
    shots = o.shots,
    queries = o.queries,
    crops = self_supervised.crops(o),
    rotate = o.rotate,
    rotations = o.rotations,
  })
  return self_supervised.with_tricks(episode, o)
end

--- An episode with its queries mixed, and some of its views turned, where the options say so.
---@param episode moonburn.Episode
---@param o moonburn.Options
---@return moonburn.Episode
function self_supervised.with_tricks(episode, o)
  if o.mix then episode = episode:mix_queries { cutmix = 0.5 } end
  if o.rotated > 0 then episode = episode:rotate_views { fraction = o.rotated } end
  return episode
end

--- The options of mb.episode.views and what follows it, for scripts that make no such episodes.
self_supervised.episode_options = { "shots", "queries", "crops", "rotate", "rotations", "mix", "rotated" }

--- Refuses options that a script has no use for, rather than passing them over: they must be as they are shared.
---@param o moonburn.Options
---@param names string[]
function self_supervised.refuse(o, names)
  local defaults = shared()
  for _, name in ipairs(names) do
    if o[name] ~= defaults[name] then
      error(("this script has no use for %s: it must be %s, got %s"):format(name, defaults[name], o[name]), 2)
    end
  end
end

--- The same for options that turn classes, where a scheme makes its own.
---@param o moonburn.Options
function self_supervised.refuse_rotated_classes(o)
  if o.rotate > 0 or o.rotations > 1 then error("this scheme makes its own classes: rotate and rotations must be left out", 2) end
end

--- The embeddings of an episode's rows: the encoder is called once for each size of its views.
---@param session moonburn.Session
---@param episode moonburn.Episode
---@return moonburn.Tensor
function self_supervised.embed(session, episode)
  return session.projector(episode:embed(session.encoder))
end

--- A head's loss of an episode, its queries mixed or not, and the loss of predicting rotations.
---@param session moonburn.Session
---@param episode moonburn.Episode
---@param o moonburn.Options
---@param head fun(episode: moonburn.Episode, embeddings: moonburn.Tensor): moonburn.Tensor
---@return moonburn.Tensor
function self_supervised.loss(session, episode, o, head)
  local embeddings = self_supervised.embed(session, episode)
  return self_supervised.with_rotation(session, episode, o, embeddings, tricks.mixed(head)(episode, embeddings))
end

--- A loss, and the weighted one of predicting by how much views were turned, where some were.
---@param session moonburn.Session
---@param episode moonburn.Episode
---@param o moonburn.Options
---@param embeddings moonburn.Tensor
---@param loss moonburn.Tensor
---@return moonburn.Tensor
function self_supervised.with_rotation(session, episode, o, embeddings, loss)
  if o.rotated == 0 then return loss end
  local weight = o.anneal and mb.schedule.cosine(o.rotation_weight, 0) or mb.schedule.constant(o.rotation_weight)
  local rotation_loss = tricks.rotation_loss(episode, session.rotation, embeddings)
  session:log { rotation_loss = rotation_loss }
  return loss + session:at(weight) * rotation_loss
end

--- k nearest neighbours and a linear probe on the frozen features of the encoder as it is, or of another one.
---@param session moonburn.Session
---@param o moonburn.Options
---@param encoder? moonburn.Module
---@return table<string, any>
function self_supervised.evaluate(session, o, encoder)
  encoder = encoder or session.encoder --[[@as moonburn.Module]]
  local train, test = mb.evaluate.features(encoder, session.images), mb.evaluate.features(encoder, session.test)
  local train_labels, test_labels = session.images:labels(), session.test:labels()
  local knn = { k = o.k, temperature = 0.1 }
  local probe = { epochs = 100, batch = 256, lr = 0.1, weight_decay = 1e-4 }
  return {
    knn_accuracy = mb.evaluate.knn_features(train, train_labels, test, test_labels, knn),
    linear_accuracy = mb.evaluate.linear_features(train, train_labels, test, test_labels, probe),
    protocol = ("trained and fitted on %d images of the train split, tested on %d of the test split; features of the encoder before the projector, unaugmented; kNN by cosine, k %d, temperature %g; linear probe by SGD, %d epochs, batch %d, lr %g to 0, weight decay %g"):format(
      #session.images, #session.test, knn.k, knn.temperature, probe.epochs, probe.batch, probe.lr, probe.weight_decay
    ),
  }
end

return self_supervised
