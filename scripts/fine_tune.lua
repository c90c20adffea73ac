-- Fine-tuning: a trained encoder and a new head learn from few labels, the head at ten times the encoder's rate.
local mb = require "moonburn"

---@type moonburn.Script
local experiment = {
  options = {
    images = "shapes",   -- the built-in set, an image folder, or a folder with CIFAR-10's binary batches
    weights = "",        -- of a run, runs/…/weights.safetensors; without them the encoder begins as it is drawn
    size = 32,           -- images are brought to this side
    width = 8,           -- channels of the first stage of the ResNet-18
    labels = 500,        -- images whose labels are used, of the built-in set; of a folder all are
    batch = 50,          -- images per step
    epochs = 20,         -- passes over these images
    lr = 0.01,           -- of the encoder; it falls to 0 by a cosine
    head_lr = 0.1,       -- of the head
  },
}

function experiment.setup(session, o)
  session.images  = mb.data.images(o.images, { split = "train", size = o.size, count = o.images == "shapes" and o.labels or nil })
  session.test    = mb.data.images(o.images, { split = "test", size = o.size })
  session.encoder = mb.model.resnet18 { stem = "cifar", width = o.width }
  session.head    = mb.nn.linear(8 * o.width, #session.images:classes())
  if o.weights ~= "" then session.encoder:load(o.weights, "encoder") end
  session.optimizer = mb.optim.sgd {
    lr = mb.schedule.cosine(o.lr, 0):warmup(0.1),
    momentum = 0.9,
    groups = { { name = "head", parameters = { "head" }, lr = mb.schedule.cosine(o.head_lr, 0):warmup(0.1) } },
  }
  session:plan(o.epochs * session.images:steps(o.batch))
end

function experiment.train(session, o)
  local augment = mb.augment.chain { mb.augment.random_resized_crop { size = o.size, scale = { 0.5, 1 } }, mb.augment.horizontal_flip() }
  for _ in session:steps() do
    local batch = session.images:next(o.batch)
    session:update(mb.loss.cross_entropy(session.head(session.encoder(batch:views(augment))), batch:labels()))
  end
end

function experiment.evaluate(session)
  local features = mb.evaluate.features(session.encoder, session.test)
  return { accuracy = 100 * mb.metric.accuracy(session.head(features), session.test:labels()) }
end

return experiment
