-- SimCLR with an augmentation of one's own: ripple.wgsl bends each query view by a random wave and cuts a box out
-- of it. In the run's folder episode.png shows the first step: a column per image, above the support view, below the query.
-- `--set picture=ripple.png` writes images without and with it. Edit the shader while it trains, and both change.
local mb = require "moonburn"
local self_supervised = require "moonburn.self_supervised"
local nt_xent = require "moonburn.heads.nt_xent"

local ripple = mb.kernel("ripple.wgsl")

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    temperature = 0.2, -- divides the logits
    strength = 0.06,   -- the largest shift, as a part of the image's side
    hole = 0.3,        -- the side of the box that is cut out, likewise
    picture = "",      -- a file for images without and with it
  },
  evaluate = self_supervised.evaluate,
}

-- Images [N, 3, H, W], each bent in its own way. What is drawn follows from the run's seed and the step.
local function augmented(images, o)
  local count, _, height, width = table.unpack(images.shape)
  return ripple { images = images, draws = mb.rand(count, 5), height = height, width = width, strength = o.strength, hole = o.hole }
end

function experiment.setup(session, o)
  self_supervised.refuse(o, self_supervised.episode_options)
  self_supervised.setup(session, o)
  if o.picture == "" then return end
  local whole = mb.augment.random_resized_crop { size = o.size, scale = { 1, 1 }, ratio = { 1, 1 } }
  local images = mb.episode.views(session.test:next(10), { augment = whole }).support_images[1]
  mb.episode.of({ support = images, query = augmented(images, o), ways = 10 }):save_sheet(o.picture)
end

function experiment.episode(session, o)
  local views = mb.episode.views(session.images:next(o.batch), { augment = self_supervised.augmentation(o) })
  return mb.episode.of { support = views.support_images[1], query = augmented(views.query_images[1], o), ways = views.ways }
end

function experiment.loss(session, episode, o)
  return self_supervised.loss(session, episode, o, nt_xent.new { temperature = o.temperature })
end

return experiment
