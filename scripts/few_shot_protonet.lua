-- Prototypical networks (Snell et al., NeurIPS 2017) on labelled classes, tested on classes that were never seen.
local few_shot = require "moonburn.few_shot"
local prototypes = require "moonburn.heads.prototypes"

---@type moonburn.Script
local experiment = {
  options = few_shot.options {
    temperature = 0.2, -- divides the logits
  },
  episode = few_shot.episode,
}

local function head(o)
  return prototypes.new { temperature = o.temperature }
end

function experiment.setup(session, o)
  head(o) -- refuses its options before anything is read
  few_shot.setup(session, o)
  session.encoder = few_shot.conv4(o.width)
end

function experiment.loss(session, episode, o)
  local nearest, embeddings = head(o), session.encoder(episode.images)
  session:log { accuracy = nearest.accuracy(episode, embeddings) }
  return nearest(episode, embeddings)
end

function experiment.evaluate(session, o)
  return few_shot.evaluate(session, o, "prototypes")
end

return experiment
