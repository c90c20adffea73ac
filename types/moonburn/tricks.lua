-- The paper's tricks that any head and BYOL can be combined with: mixed queries, and rotation prediction.
local mb = require "moonburn"

local tricks = {}

--- A loss for episodes with mixed queries: λ · loss(own) + (1 − λ) · loss(partners). Works for any function of an episode
--- and embeddings of its rows; without mixed queries it is that function.
---@param loss fun(episode: moonburn.Episode, ...: moonburn.Tensor): moonburn.Tensor
---@return fun(episode: moonburn.Episode, ...: moonburn.Tensor): moonburn.Tensor
function tricks.mixed(loss)
  return function(episode, ...)
    local weight = episode.mix_weight
    if not weight then return loss(episode, ...) end
    local partners = {}
    for i, embeddings in ipairs { ... } do partners[i] = episode:partners(embeddings) end
    return weight * loss(episode, ...) + (1 - weight) * loss(episode, table.unpack(partners))
  end
end

--- The cross-entropy of a classifier (d → 4) that tells by how much the views of episode:rotate_views were turned, from
--- the unit embeddings of these views.
---@param episode moonburn.Episode
---@param classifier moonburn.Module
---@param embeddings moonburn.Tensor
---@return moonburn.Tensor
function tricks.rotation_loss(episode, classifier, embeddings)
  local rows, rotations = episode.rotated_rows, episode.rotations
  if not rows or not rotations then error("rotation_loss: the episode has no rotated views; call rotate_views first", 2) end
  return mb.loss.cross_entropy(classifier(embeddings:index_select(1, rows):normalize()), rotations)
end

return tricks
