-- SimCLR (Chen et al., ICML 2020): every image of a batch is a class of its own, and two augmented views of it must find
-- each other among all others.
local self_supervised = require "moonburn.self_supervised"
local nt_xent = require "moonburn.heads.nt_xent"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    temperature = 0.2, -- divides the logits
  },
  episode = self_supervised.episode,
  evaluate = self_supervised.evaluate,
}

local function head(o)
  return nt_xent.new { temperature = o.temperature }
end

function experiment.setup(session, o)
  head(o) -- refuses its options before anything is read
  self_supervised.setup(session, o)
end

function experiment.loss(session, episode, o)
  return self_supervised.loss(session, episode, o, head(o))
end

return experiment
