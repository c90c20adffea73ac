-- MoCo (He et al., CVPR 2020) as in its version 2 (Chen et al., 2020): a view must find the key of another view of its image
-- among the keys of earlier batches, which a slowly following copy of the network made.
local mb = require "moonburn"
local self_supervised = require "moonburn.self_supervised"
local info_nce = require "moonburn.losses.info_nce"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    temperature = 0.2, -- divides the logits
    momentum = 0.99,   -- of the key encoder; 0.999 is for trainings of 100,000 steps
    queue = 1024,      -- keys that are remembered
    lr = 0.03,         -- keys that were made long ago tell little of a network that moves fast
    epochs = 16,
    crop = 0.5,        -- views milder than SimCLR's, so that the keys of an untrained network tell something
    jitter = 0.5,
    grayscale = 0.2,
  },
  evaluate = self_supervised.evaluate,
}

function experiment.setup(session, o)
  self_supervised.refuse(o, { "crops", "mix", "rotated" })
  self_supervised.setup(session, o)
  session.key_encoder   = session.encoder:copy():freeze()
  session.key_projector = session.projector:copy():freeze()
  session.queue         = mb.randn(o.queue, o.embedding)
end

function experiment.train(session, o)
  for _ in session:steps() do
    local episode = self_supervised.episode(session, o)
    local query = session.projector(session.encoder(episode.support_images[1]))
    -- On several devices the paper shuffles keys between their batch norms (section 3.3). Here there is one.
    local key = session.key_projector(session.key_encoder(episode.query_images[1]))
    session:update(info_nce.loss(query, key, session.queue, { temperature = o.temperature }))
    session.key_encoder:ema_update(session.encoder, o.momentum)
    session.key_projector:ema_update(session.projector, o.momentum)
    -- What overflowed in float16 must not stay.
    if not session.skipped then session.queue = mb.cat({ key, session.queue }):slice(1, 1, o.queue) end
  end
end

return experiment
