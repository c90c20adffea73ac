-- MetaOptNet (Lee et al., CVPR 2019) without labels: every image is a class, and a support vector machine that is fitted
-- to the support views must tell the class of the query views.
local self_supervised = require "moonburn.self_supervised"
local svm = require "moonburn.heads.svm"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    c = 0.1,            -- the bound on the weight of a support row
    temperature = 0.02, -- no weight is over c, so logits are small
  },
  episode = self_supervised.episode,
  evaluate = self_supervised.evaluate,
}

local function head(o)
  return svm.new { c = o.c, temperature = o.temperature }
end

function experiment.setup(session, o)
  head(o) -- refuses its options before anything is read
  self_supervised.setup(session, o)
end

function experiment.loss(session, episode, o)
  return self_supervised.loss(session, episode, o, head(o))
end

return experiment
