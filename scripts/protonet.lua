-- ProtoNet (Snell et al., NeurIPS 2017) without labels: every image is a class, its prototype the mean of its support
-- views, and its query views must find the prototype.
local self_supervised = require "moonburn.self_supervised"
local prototypes = require "moonburn.heads.prototypes"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    temperature = 0.4, -- divides the logits
  },
  episode = self_supervised.episode,
  evaluate = self_supervised.evaluate,
}

local function head(o)
  return prototypes.new { temperature = o.temperature }
end

function experiment.setup(session, o)
  head(o) -- refuses its options before anything is read
  self_supervised.setup(session, o)
end

function experiment.loss(session, episode, o)
  return self_supervised.loss(session, episode, o, head(o))
end

return experiment
