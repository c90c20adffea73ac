-- SimSiam (Chen and He, CVPR 2021): one view predicts the embedding of another view of the same image. Neither other images
-- nor a second network are needed, as long as no gradient flows into what is predicted.
local mb = require "moonburn"
local self_supervised = require "moonburn.self_supervised"
local simsiam = require "moonburn.losses.simsiam"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    bottleneck = 16, -- between the predictor's layers; a quarter of the embedding in the paper
    lr = 0.05,
    epochs = 16,
    crop = 0.5,      -- views milder than SimCLR's, which suit a short training
    jitter = 0.5,
    grayscale = 0.2,
  },
  episode = self_supervised.episode,
  evaluate = self_supervised.evaluate,
}

function experiment.setup(session, o)
  self_supervised.refuse(o, { "crops" }) -- there are pairs of views
  self_supervised.setup(session, o)
  local width = 8 * o.width
  session.projector = mb.nn.projector { width, width, width, o.embedding }
  session.predictor = mb.nn.sequential {
    mb.nn.linear(o.embedding, o.bottleneck, { bias = false }),
    mb.nn.batch_norm(o.bottleneck),
    mb.nn.relu(),
    mb.nn.linear(o.bottleneck, o.embedding),
  }
end

function experiment.loss(session, episode, o)
  return self_supervised.loss(session, episode, o, function(_, z)
    local z1, z2 = episode:split(z)
    local p1, p2 = episode:split(session.predictor(z))
    -- It falls from 1/√d towards 0 where all embeddings become one (section 4.1).
    session:log { spread = z:normalize():std(1):mean() }
    return simsiam.loss(p1[1], p2[1], z1[1], z2[1])
  end)
end

return experiment
