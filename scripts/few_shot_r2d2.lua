-- R2-D2 (Bertinetto et al., ICLR 2019) on labelled classes, tested on classes that were never seen: the head is a ridge
-- regression that is fitted in closed form, and the encoder learns through the fit.
local few_shot = require "lib.few_shot"
local ridge = require "lib.heads.ridge"

local experiment = {
  options = few_shot.options {
    lambda = 1.0,
    temperature = 0.1, -- unit embeddings give small logits; the learned scale starts from here
  },
  episode = few_shot.episode,
}

function experiment.setup(session, o)
  few_shot.setup(session, o)
  session.calibration = ridge.calibration()
end

function experiment.loss(session, episode, o)
  local head = ridge.new { lambda = o.lambda, temperature = o.temperature, calibration = session.calibration }
  local embeddings = session.encoder(episode.images)
  session:log { accuracy = head.accuracy(episode, embeddings) }
  return head(episode, embeddings)
end

function experiment.evaluate(session, o)
  return few_shot.evaluate(session, o, "ridge")
end

return experiment
