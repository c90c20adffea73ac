-- R2-D2 (Bertinetto et al., ICLR 2019) on labelled classes, tested on classes that were never seen: the head is a ridge
-- regression that is fitted in closed form, and the encoder learns through the fit.
local few_shot = require "moonburn.few_shot"
local ridge = require "moonburn.heads.ridge"

---@type moonburn.Script
local experiment = {
  options = few_shot.options {
    lambda = 1.0,      -- the penalty of the ridge regression
    temperature = 0.1, -- unit embeddings give small logits; the learned scale starts from here
  },
  episode = few_shot.episode,
}

local function head(o, calibration)
  return ridge.new { lambda = o.lambda, temperature = o.temperature, calibration = calibration }
end

function experiment.setup(session, o)
  head(o, false) -- refuses its options before anything is read
  few_shot.setup(session, o)
  session.encoder = few_shot.conv4(o.width)
  session.calibration = ridge.calibration()
end

function experiment.loss(session, episode, o)
  local regression, embeddings = head(o, session.calibration), session.encoder(episode.images)
  session:log { accuracy = regression.accuracy(episode, embeddings) }
  return regression(episode, embeddings)
end

function experiment.evaluate(session, o)
  return few_shot.evaluate(session, o, "ridge", o.lambda)
end

return experiment
