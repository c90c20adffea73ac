-- A training whose views are made by transforms, functions of this script and a kernel, one after another.
local mb = require "moonburn"
local parts = require "parts"

local a = mb.augment

local experiment = { options = { steps = 3, batch = 5, lr = 0.05, probability = 0.5 }, setup = parts.setup }

local function fog(images, draw)
  local density = draw:uniform(0, 0.6, 1, 1, 1)
  return images * (1 - density) + density
end

function experiment.episode(session, o)
  local ripple = a.kernel(mb.kernel("ripple.wgsl"), { draws = 5, inputs = { strength = 0.06, hole = 0.3 } })
  local chain = a.chain { a.random_resized_crop { size = 16 }, a.random_apply(fog, { p = o.probability }), ripple, a.horizontal_flip() }
  local batch = session.images:next(o.batch)
  assert(batch:views(chain, { first = 1 }):equal(batch:views(chain, { first = 1 })), "views are keyed by their number")
  local episode = mb.episode.views(batch, { augment = chain, shots = 1, queries = 1, rotate = 1 })
  assert(episode.images.shape[3] == 16)
  local tasks = mb.episode.few_shot(session.images, { augment = chain, ways = 2, shots = 1, queries = 1 })
  assert(#tasks == 4)
  return episode
end

experiment.loss = parts.loss

return experiment
