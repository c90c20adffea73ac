-- DINO (Caron et al., ICCV 2021): a student of all crops of an image matches what its own average, the teacher, says of the
-- large ones. Centring and sharpening of the teacher are to keep both from collapse; the built-in set is too hard for so short a
-- training, in which outputs become equal.
local mb = require "moonburn"
local dino_head = require "moonburn.dino_head"
local self_supervised = require "moonburn.self_supervised"
local target_network = require "moonburn.target_network"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    embedding = 256,            -- outputs of the head, over which there are softmaxes
    crops = 2,                  -- small crops of each image, besides two large ones
    temperature = 0.1,          -- of the student
    teacher_temperature = 0.04, -- of the teacher
    momentum = 0.99,            -- how much of the teacher stays in the first step; at the end all of it does
    center = 0.9,               -- how much of the center stays in a step
    lr = 2e-3,
    epochs = 8,
  },
  evaluate = self_supervised.evaluate,
}

function experiment.setup(session, o)
  self_supervised.refuse(o, { "crop", table.unpack(self_supervised.episode_options) })
  self_supervised.setup(session, o)
  session.projector        = dino_head.new(8 * o.width, 32 * o.width, 8 * o.width, o.embedding)
  session.target_encoder   = session.encoder:copy():freeze()
  session.target_projector = session.projector:copy():freeze()
  session.center           = mb.zeros(o.embedding)
  session.optimizer        = mb.optim.adamw {
    lr = mb.schedule.cosine(o.lr, 1e-5):warmup(0.1), weight_decay = mb.schedule.cosine(0.04, 0.4), clip_norm = 3,
    groups = { { name = "plain", roles = { "bias", "norm" }, weight_decay = 0 } },
  }
end

-- SimCLR's chain with crops of another size that show another part of an image.
local function crops(o, size, scale)
  return mb.augment.chain {
    mb.augment.random_resized_crop { size = size, scale = scale },
    self_supervised.augmentation(setmetatable({ size = size, crop = 0.99 }, { __index = o })),
  }
end

function experiment.train(session, o)
  local large, small = crops(o, o.size, { 0.4, 1 }), crops(o, o.size // 2, { 0.1, 0.4 })
  for _ in session:steps() do
    local batch = session.images:next(o.batch)
    local whole = batch:views(large, { views = 2 })
    local teacher = session.target_projector(session.target_encoder(whole))
    local features = mb.cat { session.encoder(whole), session.encoder(batch:views(small, { views = o.crops })) }
    session:update(mb.loss.dino(session.projector(features), teacher, {
      crops = 2 + o.crops, center = session.center, temperature = o.temperature, teacher_temperature = o.teacher_temperature,
    }))
    if not session.skipped then session.center = session.center:lerp(teacher:mean(1), 1 - o.center) end
    target_network.follow(session, session:at(mb.schedule.cosine(o.momentum, 1)))
  end
end

return experiment
