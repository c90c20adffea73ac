-- The loss of SimSiam (Chen and He, CVPR 2021, Algorithm 1): what the predictor makes of one view resembles the other view.
local pair = require "moonburn.losses.pair"

local simsiam = {}

---@param predicted moonburn.Tensor
---@param embedding moonburn.Tensor
local function distance(predicted, embedding)
  return -(predicted:normalize() * embedding:detach():normalize()):sum(2):mean()
end

--- ½ D(p1, z2) + ½ D(p2, z1) with D the negative cosine, for the predictions p and embeddings z of two views, all [N, d].
--- Embeddings get no gradient, without which everything would collapse into one point.
---@param p1 moonburn.Tensor
---@param p2 moonburn.Tensor
---@param z1 moonburn.Tensor
---@param z2 moonburn.Tensor
---@return moonburn.Tensor
function simsiam.loss(p1, p2, z1, z2)
  pair.check("simsiam", p1, z2)
  pair.check("simsiam", p2, z1)
  return distance(p1, z2) / 2 + distance(p2, z1) / 2
end

return simsiam
