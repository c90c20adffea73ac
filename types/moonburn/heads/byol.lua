-- BYOL (Grill et al., NeurIPS 2020) as a head: each view predicts the target network's embedding of the others.
local mb = require "moonburn"

local byol = {}

--- 2 − 2 cos(online, target), the mean over ordered pairs of different views of an image. Both are embeddings of the
--- episode's rows; target is a constant.
---@param episode moonburn.Episode
---@param online moonburn.Tensor
---@param target moonburn.Tensor
---@return moonburn.Tensor
function byol.loss(episode, online, target)
  if not target then error("byol: wants an episode, predictions, and the target network's embeddings", 2) end
  if not episode.view_major then error("byol: wants an episode whose rows are view-major, not one with labels of its own", 2) end
  local views = episode.views
  local function by_view(embeddings)
    local support, query = episode:split(embeddings)
    return mb.cat({ support, query }, 2):normalize():reshape(episode.tasks, views, episode.ways, -1)
  end
  local o, t = by_view(online), by_view(target:detach())
  -- Σ over a ≠ b of o_a · t_b is the product of the sums less the pairs of equal views.
  local all = (o:sum(2) * t:sum(2)):sum(3) - (o * t):sum(4):sum(2)
  return 2 - 2 * all:mean() / (views * (views - 1))
end

return byol
