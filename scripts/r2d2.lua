-- R2-D2 (Bertinetto et al., ICLR 2019) without labels: every image is a class, and a ridge regression that is fitted to
-- the support views must tell the class of the query views.
local self_supervised = require "moonburn.self_supervised"
local ridge = require "moonburn.heads.ridge"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    lambda = 0.5,      -- the penalty of the ridge regression
    temperature = 0.1, -- unit embeddings give small logits; the learned scale starts from here
  },
  episode = self_supervised.episode,
  evaluate = self_supervised.evaluate,
}

local function head(o, calibration)
  return ridge.new { lambda = o.lambda, temperature = o.temperature, calibration = calibration }
end

function experiment.setup(session, o)
  head(o, false) -- refuses its options before anything is read
  self_supervised.setup(session, o)
  session.calibration = ridge.calibration()
end

function experiment.loss(session, episode, o)
  return self_supervised.loss(session, episode, o, head(o, session.calibration))
end

return experiment
