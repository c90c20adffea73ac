-- VICReg (Bardes et al., ICLR 2022): two views agree, each feature keeps its variance, and no two features repeat each other.
local mb = require "moonburn"
local self_supervised = require "moonburn.self_supervised"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    invariance = 25.0, -- the weight of the views' distance
    variance = 25.0,   -- of keeping each feature's standard deviation at 1
    covariance = 1.0,  -- of the covariances of different features
    embedding = 128,   -- the terms are about single features, of which there should be many
    lr = 2e-3,         -- AdamW's learning rate after the warm-up; it falls to 0 by a cosine
    epochs = 16,
    crop = 0.5,        -- views milder than SimCLR's, which suit a short training
    jitter = 0.5,
    grayscale = 0.2,
  },
  episode = self_supervised.episode,
  evaluate = self_supervised.evaluate,
}

function experiment.setup(session, o)
  self_supervised.refuse(o, { "crops" }) -- there are pairs of views
  self_supervised.setup(session, o)
  -- The last layer is a plain one: a batch norm behind it would keep the variances at 1 without the loss.
  session.projector = mb.nn.sequential {
    mb.nn.linear(8 * o.width, o.embedding), mb.nn.batch_norm(o.embedding), mb.nn.relu(),
    mb.nn.linear(o.embedding, o.embedding), mb.nn.batch_norm(o.embedding), mb.nn.relu(),
    mb.nn.linear(o.embedding, o.embedding, { bias = false }),
  }
  -- The paper's LARS is for batches of 2048.
  session.optimizer = mb.optim.adamw { lr = mb.schedule.cosine(o.lr, 0):warmup(0.1), weight_decay = 1e-4 }
end

function experiment.loss(session, episode, o)
  return self_supervised.loss(session, episode, o, function(_, z)
    local a, b = episode:split(z)
    local weights = { invariance = o.invariance, variance = o.variance, covariance = o.covariance }
    return mb.loss.vicreg(a[1], b[1], weights)
  end)
end

return experiment
