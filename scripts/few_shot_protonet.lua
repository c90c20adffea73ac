-- Prototypical networks (Snell et al., NeurIPS 2017) on labelled classes, tested on classes that were never seen.
local few_shot = require "lib.few_shot"
local prototypes = require "lib.heads.prototypes"

local experiment = {
  options = few_shot.options { temperature = 0.2 },
  setup = few_shot.setup,
  episode = few_shot.episode,
}

function experiment.loss(session, episode, o)
  local head, embeddings = prototypes.new { temperature = o.temperature }, session.encoder(episode.images)
  session:log { accuracy = head.accuracy(episode, embeddings) }
  return head(episode, embeddings)
end

function experiment.evaluate(session, o)
  return few_shot.evaluate(session, o, "prototypes")
end

return experiment
