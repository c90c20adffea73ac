-- Images are classes; support views differ from the image in colour alone, query views in geometry alone.
local self_supervised = require "moonburn.self_supervised"
local named = require "moonburn.heads.named"
local families = require "moonburn.schemes.families"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    head = "prototypes", -- nt_xent, prototypes, ridge or svm
    temperature = 0.4,   -- divides the logits
  },
  evaluate = self_supervised.evaluate,
}

local function head(o)
  return named(o.head, { temperature = o.temperature })
end

function experiment.setup(session, o)
  head(o) -- refuses its options before anything is read
  self_supervised.refuse(o, { "crops" })
  self_supervised.refuse_rotated_classes(o)
  self_supervised.setup(session, o)
end

function experiment.episode(session, o)
  local episode = families.episode(session.images:next(o.batch), o, families.colour(o), families.geometry(o))
  return self_supervised.with_tricks(episode, o)
end

function experiment.loss(session, episode, o)
  return self_supervised.loss(session, episode, o, head(o))
end

return experiment
