-- Classes of two images: each image of a batch and its nearest neighbour in the encoder's features, which are computed anew
-- every so many steps.
local mb = require "moonburn"
local self_supervised = require "moonburn.self_supervised"
local named = require "moonburn.heads.named"
local neighbours = require "moonburn.schemes.neighbours"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    head = "prototypes", -- nt_xent, prototypes, ridge or svm
    temperature = 0.4,   -- divides the logits
    every = 78,          -- steps from one search for neighbours to the next
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
  local state = session.state
  if not state.nearest or session.step % o.every == 0 then
    state.nearest = neighbours.find(mb.evaluate.features(session.encoder, session.images))
  end
  local batch, augment = session.images:next(o.batch), self_supervised.augmentation(o)
  local episode = neighbours.episode(session.images, batch, state.nearest, o, augment)
  session:log { ways = episode.ways }
  return self_supervised.with_tricks(episode, o)
end

function experiment.loss(session, episode, o)
  return self_supervised.loss(session, episode, o, head(o))
end

return experiment
