-- The loss of Barlow Twins (Zbontar et al., ICML 2021): over a batch, each feature of one view correlates with itself in
-- the other view, and with no other feature.
local mb = require "moonburn"
local head = require "moonburn.heads.head"
local pair = require "moonburn.losses.pair"

local barlow_twins = {}

--- Options of the loss.
---@class (exact) moonburn.BarlowTwinsOptions: table<"lambda", any>
---@field lambda? number The weight of the correlations of different features. Over 0. Default: 0.005.

--- The cross-correlation of the features of a and b over the batch: [N, d] and [N, d] to [d, d], within −1 … 1 (their
--- equation 2). A feature that is constant correlates with none.
---@param a moonburn.Tensor
---@param b moonburn.Tensor
---@return moonburn.Tensor
function barlow_twins.correlation(a, b)
  ---@param features moonburn.Tensor
  local function standardise(features) return (features - features:mean(1, true)):normalize(1) end
  return standardise(a):transpose():matmul(standardise(b))
end

--- Σᵢ (1 − Cᵢᵢ)² + lambda · Σᵢ Σⱼ≠ᵢ Cᵢⱼ², for two views [N, d] of the same images.
---@param a moonburn.Tensor
---@param b moonburn.Tensor
---@param options? moonburn.BarlowTwinsOptions
---@return moonburn.Tensor
function barlow_twins.loss(a, b, options)
  local o = head.options("barlow_twins", options, { lambda = 0.005 })
  head.over_zero("barlow_twins", o, "lambda")
  pair.check("barlow_twins", a, b)
  local rows, width = table.unpack(a.shape)
  if rows < 2 then error(("barlow_twins: wants at least 2 rows to correlate over, got %d"):format(rows), 2) end
  local identity = mb.eye(width)
  local gap = barlow_twins.correlation(a, b) - identity
  return (gap * gap * (identity + o.lambda * (1 - identity))):sum()
end

return barlow_twins
