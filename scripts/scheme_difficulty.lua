-- Images are classes; a task has few ways and large crops at first, and many ways and small crops at last.
local self_supervised = require "moonburn.self_supervised"
local named = require "moonburn.heads.named"
local difficulty = require "moonburn.schemes.difficulty"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    head = "prototypes", -- nt_xent, prototypes, ridge or svm
    temperature = 0.4,   -- divides the logits
    easy = 0.25,         -- the ways of the first step, as a share of the batch
    easy_crop = 0.8,     -- the least crop of the first step
  },
  evaluate = self_supervised.evaluate,
}

local function head(o)
  return named(o.head, { temperature = o.temperature })
end

function experiment.setup(session, o)
  head(o) -- refuses its options before anything is read
  self_supervised.refuse(o, { "crops" })
  self_supervised.setup(session, o)
end

function experiment.episode(session, o)
  return self_supervised.with_tricks(difficulty.episode(session, o, self_supervised.augmentation), o)
end

function experiment.loss(session, episode, o)
  return self_supervised.loss(session, episode, o, head(o))
end

return experiment
