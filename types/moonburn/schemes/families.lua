-- An episode scheme: support and query views come from different families of augmentations, so that what one family
-- changes cannot be what the classes are told by.
local mb = require "moonburn"

local families = {}

--- Changes of colour alone. Its views are of geometry's size if the images are of size o.size.
---@param o moonburn.Options
---@return moonburn.Augmentation
function families.colour(o)
  local augment, strength = mb.augment, 0.8 * o.jitter
  return augment.chain {
    augment.color_jitter { brightness = strength, contrast = strength, saturation = strength, hue = 0.2 * o.jitter },
    augment.grayscale { p = o.grayscale },
  }
end

--- Changes of geometry alone.
---@param o moonburn.Options
---@return moonburn.Augmentation
function families.geometry(o)
  local augment = mb.augment
  return augment.chain { augment.random_resized_crop { size = o.size, scale = { o.crop, 1 } }, augment.horizontal_flip() }
end

--- Every image of the batch is a class: shots views by one augmentation, queries views by another.
---@param batch moonburn.Batch
---@param o moonburn.Options
---@param support moonburn.Augmentation
---@param query moonburn.Augmentation
---@return moonburn.Episode
function families.episode(batch, o, support, query)
  return mb.episode.of {
    support = batch:views(support, { views = o.shots }),
    query = batch:views(query, { views = o.queries, first = o.shots + 1 }),
    ways = #batch,
  }
end

return families
