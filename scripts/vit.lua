-- A small vision transformer as a classifier (Dosovitskiy et al., ICLR 2021): AdamW, a warm-up, label smoothing, and an
-- average of the weights for the test.
local mb = require "moonburn"
local weight_average = require "moonburn.weight_average"

---@type moonburn.Script
local experiment = {
  options = {
    images = "shapes",  -- the built-in set, an image folder, or a folder with CIFAR-10's binary batches
    size = 32,          -- images are brought to this side
    patch = 4,          -- the side of a patch
    dim = 64,           -- the size of a token
    depth = 4,          -- blocks
    heads = 4,          -- of each block's attention
    drop_path = 0.1,    -- the probability with which the last block is left out
    batch = 64,         -- images per step
    epochs = 8,         -- passes over the images
    lr = 2e-3,          -- the learning rate after the warm-up; it falls to 0 by a cosine
    weight_decay = 0.05, -- of weights; norms and biases have none
    smoothing = 0.1,    -- of the labels
    average = 0.99,     -- how much of the average stays in a step
  },
}

function experiment.setup(session, o)
  session.images = mb.data.images(o.images, { split = "train", size = o.size })
  session.test   = mb.data.images(o.images, { split = "test", size = o.size })
  local encoder  = mb.model.vit_tiny { image = o.size, patch = o.patch, dim = o.dim, depth = o.depth, heads = o.heads, drop_path = o.drop_path }
  session.model   = mb.nn.sequential { encoder, mb.nn.linear(o.dim, #session.images:classes()) }
  session.average = session.model:copy():freeze():eval()
  session.optimizer = mb.optim.adamw {
    lr = mb.schedule.cosine(o.lr, 0):warmup(0.1),
    weight_decay = o.weight_decay,
    clip_norm = 1,
    groups = { { name = "plain", roles = { "bias", "norm" }, weight_decay = 0 } },
  }
  session:plan(o.epochs * session.images:steps(o.batch))
end

function experiment.train(session, o)
  local augment = mb.augment.chain { mb.augment.random_resized_crop { size = o.size, scale = { 0.5, 1 } }, mb.augment.horizontal_flip() }
  for step in session:steps() do
    local batch = session.images:next(o.batch)
    session:update(mb.loss.cross_entropy(session.model(batch:views(augment)), batch:labels(), { label_smoothing = o.smoothing }))
    weight_average.ema(session.average, session.model, o.average, step)
  end
end

function experiment.evaluate(session)
  local labels = session.test:labels()
  local function accuracy(model) return 100 * mb.metric.accuracy(mb.evaluate.features(model, session.test), labels) end
  return { accuracy = accuracy(session.average), without_average = accuracy(session.model) }
end

return experiment
