-- Barlow Twins (Zbontar et al., ICML 2021): the features of an embedding agree between two views of an image and do not
-- repeat each other. There are no negatives, no predictor and no second network.
local mb = require "moonburn"
local self_supervised = require "moonburn.self_supervised"
local barlow_twins = require "moonburn.losses.barlow_twins"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    lambda = 0.005,  -- of the correlations between different features
    embedding = 128, -- unlike other methods this one gains from wide embeddings
    batch = 256,     -- correlations are estimated from it
    lr = 0.1,
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
  session.projector = mb.nn.projector { 8 * o.width, o.embedding, o.embedding, o.embedding }
end

function experiment.loss(session, episode, o)
  return self_supervised.loss(session, episode, o, function(_, z)
    local a, b = episode:split(z)
    return barlow_twins.loss(a[1], b[1], { lambda = o.lambda })
  end)
end

return experiment
