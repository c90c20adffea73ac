-- Ridge regression (R2-D2; Bertinetto et al., ICLR 2019): W = Xᵀ(XXᵀ + λI)⁻¹Y, equally (XᵀX + λI)⁻¹XᵀY.
local mb = require "moonburn"
local head = require "moonburn.heads.head"

local ridge = {}

--- Options of the head.
---@class (exact) moonburn.RidgeOptions: table<"lambda"|"temperature"|"calibration", any>
---@field lambda? number The penalty λ. Over 0. Default: 1.
---@field temperature? number Divides the logits. Over 0. Default: 1.
---@field calibration? false|moonburn.Module|fun(logits: moonburn.Tensor): moonburn.Tensor What becomes of the logits, such as a module made by ridge.calibration. Default: false.

--- Logits qW / temperature of queries [T, m, d], for support [T, n, d]; Y is one-hot. Of the two systems the smaller one is
--- solved. calibration is a function of the logits, such as a module made by ridge.calibration.
---@param support moonburn.Tensor
---@param query moonburn.Tensor
---@param episode moonburn.Episode
---@param options table
---@return moonburn.Tensor
function ridge.logits(support, query, episode, options)
  local _, rows, width = table.unpack(support.shape)
  local classes = episode.support_labels:one_hot(episode.ways)
  local across = support:transpose(2, 3)
  local weights
  if rows <= width then
    local gram = support:matmul(across) + options.lambda * mb.eye(rows)
    weights = across:matmul(mb.linalg.solve_spd(gram, classes))
  else
    local covariance = across:matmul(support) + options.lambda * mb.eye(width)
    weights = mb.linalg.solve_spd(covariance, across:matmul(classes))
  end
  local logits = query:matmul(weights) / options.temperature
  return options.calibration and options.calibration(logits) or logits
end

--- A learned scale and bias: unit embeddings and a large λ give nearly flat logits. Make it a component of the session.
---@param scale? number
---@return moonburn.Module
function ridge.calibration(scale)
  return mb.nn.module {
    scale = mb.nn.parameter({ 1 }, { value = scale or 1 }),
    bias = mb.nn.parameter { 1 },
    forward = function(self, logits) return logits * self.scale + self.bias end,
  }
end

--- The head: a function (episode, embeddings) that gives the loss. Embeddings are normalised first.
---@param options? moonburn.RidgeOptions
---@return moonburn.Head
function ridge.new(options)
  options = head.options("ridge", options, { lambda = 1.0, temperature = 1.0, calibration = false })
  head.over_zero("ridge", options, "lambda")
  head.over_zero("ridge", options, "temperature")
  local calibration = options.calibration ---@type any
  if calibration and type(calibration) ~= "function" and type(calibration) ~= "userdata" then
    error(("ridge: calibration must be a module or a function of the logits, got a %s"):format(type(calibration)), 2)
  end
  return head.new(ridge.logits, options)
end

return ridge
