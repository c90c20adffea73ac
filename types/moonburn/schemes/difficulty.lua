-- An episode scheme: tasks become harder while training goes on, with more ways and with views that show less.
local mb = require "moonburn"

local difficulty = {}

--- The number of ways, which rises along a line from a share o.easy of the batch to all of it, and the least crop, which
--- falls by half a cosine from o.easy_crop to o.crop.
---@param session moonburn.Session
---@param o moonburn.Options
---@return integer ways
---@return number crop
function difficulty.at(session, o)
  local ways = session:at(mb.schedule.linear(o.easy * o.batch, o.batch))
  local crop = session:at(mb.schedule.cosine(o.easy_crop, o.crop))
  return math.max(2, math.floor(ways + 0.5)), crop
end

--- Every image is a class. augmentation(o) makes the augmentation from options whose crop is the step's.
---@param session moonburn.Session
---@param o moonburn.Options
---@param augmentation fun(o: moonburn.Options): moonburn.Augmentation
---@return moonburn.Episode
function difficulty.episode(session, o, augmentation)
  local ways, crop = difficulty.at(session, o)
  session:log { ways = ways, crop = crop }
  local augment = augmentation(setmetatable({ crop = crop }, { __index = o }))
  return mb.episode.views(session.images:next(ways), {
    augment = augment,
    shots = o.shots,
    queries = o.queries,
    rotate = o.rotate,
    rotations = o.rotations,
  })
end

return difficulty
