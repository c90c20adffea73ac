-- DINO (Caron et al., ICCV 2021): a student of all crops of an image matches what its own average, the teacher, says of the
-- large ones. Centring keeps the teacher from saying one thing of all images, sharpening from saying nothing.
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
    teacher_temperature = 0.02, -- of the teacher; the paper's 0.04 is slower in a short training
    momentum = 0.99,            -- how much of the teacher stays in a step; the paper's rises from 0.996 to 1
    center = 0.9,               -- how much of the center stays in a step
    lr = 0.3, epochs = 16, jitter = 0.5,
    crop = 0.5, small = 0.25,   -- the least parts of an image that large and small crops show; these show at most 0.6
    grayscale = 1,              -- no view has colours: of the built-in set outputs become clusters of colours otherwise
  },
}

function experiment.setup(session, o)
  self_supervised.refuse(o, { "mix", "rotated" })
  self_supervised.setup(session, o)
  session.projector        = dino_head.new(8 * o.width, 32 * o.width, 8 * o.width, o.embedding)
  session.target_encoder   = session.encoder:copy():freeze()
  session.target_projector = session.projector:copy():freeze()
  session.center           = mb.zeros(o.embedding)
end

function experiment.train(session, o)
  for _ in session:steps() do
    local episode = self_supervised.episode(session, o)
    local student = self_supervised.embed(session, episode)
    local teacher = session.target_projector(session.target_encoder(episode.images)) -- of the large crops alone
    session:update(mb.loss.dino(student, teacher, {
      crops = episode.views, teacher_crops = episode.shots + episode.queries, center = session.center,
      temperature = o.temperature, teacher_temperature = o.teacher_temperature,
    }))
    if not session.skipped then session.center = session.center:lerp(teacher:mean(1), 1 - o.center) end
    target_network.follow(session, o.momentum)
  end
end

-- The teacher, as in the paper: its running statistics are those of large crops alone.
function experiment.evaluate(session, o)
  return self_supervised.evaluate(session, o, session.target_encoder)
end

return experiment
