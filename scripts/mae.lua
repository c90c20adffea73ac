-- A masked autoencoder (He et al., CVPR 2022): a transformer sees a quarter of an image's patches, and a smaller one must
-- paint all others.
local mb = require "moonburn"
local self_supervised = require "moonburn.self_supervised"
local masked_autoencoder = require "moonburn.masked_autoencoder"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    patch = 4,   -- the side of a patch
    dim = 96,    -- the size of the encoder's tokens; the decoder's are half as large
    depth = 4,   -- blocks of the encoder; the decoder has one
    heads = 4,   -- of each block's attention
    kept = 0.25, -- the share of the patches that the encoder sees
    epochs = 8,
    lr = 2e-3,
  },
  evaluate = self_supervised.evaluate,
}

function experiment.setup(session, o)
  self_supervised.refuse(o, { "width", "embedding", "jitter", "grayscale", table.unpack(self_supervised.episode_options) })
  self_supervised.setup(session, o)
  session.encoder   = masked_autoencoder.encoder(o)
  session.projector = masked_autoencoder.decoder(o)
  session.optimizer = mb.optim.adamw {
    lr = mb.schedule.cosine(o.lr, 0):warmup(0.1),
    betas = { 0.9, 0.95 },
    weight_decay = 0.05,
    include_bias_and_norm = false,
  }
end

function experiment.train(session, o)
  local count = (o.size // o.patch) * (o.size // o.patch)
  local kept = math.max(1, math.floor(o.kept * count))
  local augment = mb.augment.chain { mb.augment.random_resized_crop { size = o.size, scale = { o.crop, 1 } }, mb.augment.horizontal_flip() }
  for _ in session:steps() do
    local images = session.images:next(o.batch):views(augment)
    local order = mb.rand(images.shape[1], count):argsort(2)
    local back = order:argsort(2)
    local painted = session.projector(session.encoder(images, order:narrow(2, 1, kept)), back)
    local gap = (painted - masked_autoencoder.patches(images, o.patch)) ^ 2
    local hidden = back:gt(kept):cast "float32"
    session:update((gap:mean(3) * hidden):sum() / hidden:sum())
  end
end

return experiment
