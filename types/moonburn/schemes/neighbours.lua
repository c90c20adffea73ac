-- An episode scheme: an image and its nearest neighbour in feature space are one class (the idea of NNCLR; Dwibedi et al.,
-- ICCV 2021), so that a class is more than the views of one image.
local mb = require "moonburn"

local neighbours = {}

--- The position of each row's nearest other row by cosine, for features [N, d]: a list. In parts, as all N² cosines at once
--- may not fit.
---@param features moonburn.Tensor
---@param part? moonburn.Integer
---@return integer[]
function neighbours.find(features, part)
  local unit, nearest = features:normalize(), {}
  for first = 1, #unit, part or 256 do
    local last = math.min(first + (part or 256) - 1, #unit)
    local cosines = unit:slice(1, first, last):matmul(unit:transpose())
    local itself = mb.range(first, last):one_hot(#unit)
    for _, position in ipairs((cosines - 3 * itself):argmax():to_table()) do nearest[#nearest + 1] = position end
  end
  return nearest
end

--- Every image of the batch and its neighbour are a class. An image whose class would share one with an earlier class is
--- left out, as it would be its own negative; so there may be fewer ways than images.
---@param images moonburn.ImageSet
---@param batch moonburn.Batch
---@param nearest moonburn.Integer[]
---@param o moonburn.Options
---@param augment moonburn.Augmentation
---@return moonburn.Episode
function neighbours.episode(images, batch, nearest, o, augment)
  local own, near, taken = {}, {}, {}
  for _, image in ipairs(batch:positions():to_table()) do
    local neighbour = nearest[image]
    if not (taken[image] or taken[neighbour]) then
      own[#own + 1], near[#near + 1] = image, neighbour
      taken[image], taken[neighbour] = true, true
    end
  end
  local first, second = images:pick(own), images:pick(near)
  local function views(count, from)
    local options = { views = count, first = from }
    return mb.cat { first:views(augment, options), second:views(augment, options) }
  end
  return mb.episode.of { support = views(o.shots, 1), query = views(o.queries, o.shots + 1), ways = #own }
end

return neighbours
