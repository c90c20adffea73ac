-- ProtoNet (Snell et al., NeurIPS 2017) without labels: every image is a class, its prototype the mean of its support
-- views, and its query views must find the prototype.
local self_supervised = require "lib.self_supervised"
local prototypes = require "lib.heads.prototypes"

local experiment = {
  options = self_supervised.options { temperature = 0.4 },
  setup = self_supervised.setup,
  episode = self_supervised.episode,
  evaluate = self_supervised.evaluate,
}

function experiment.loss(session, episode, o)
  local head = prototypes.new { temperature = o.temperature }
  return head(episode, self_supervised.embed(session, episode))
end

return experiment
