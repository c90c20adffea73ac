-- The loss of SwAV (Caron et al., NeurIPS 2020): from one view, tell which prototypes the other was assigned to, where a
-- batch is spread evenly over the prototypes.
local mb = require "moonburn"
local head = require "moonburn.heads.head"
local pair = require "moonburn.losses.pair"

local swav = {}

--- Options of the loss.
---@class (exact) moonburn.SwavOptions: table<"temperature"|"epsilon"|"iterations", any>
---@field temperature? number Divides the logits. Over 0. Default: 0.1.
---@field epsilon? number The smaller, the harder the assignments. Over 0. Default: 0.05.
---@field iterations? integer Of Sinkhorn and Knopp. At least 1. Default: 3.

local defaults = {
  temperature = 0.1,
  epsilon = 0.05,  -- the smaller, the harder the assignments
  iterations = 3,  -- of Sinkhorn and Knopp
}

--- The assignments of a batch to prototypes, from scores [N, K]: each row sums to 1, each column to about N / K. That is
--- Sinkhorn and Knopp's algorithm (Cuturi, NeurIPS 2013), on logarithms so that no score is too large. A constant.
---@param scores moonburn.Tensor
---@param options? moonburn.SwavOptions
---@return moonburn.Tensor
function swav.assign(scores, options)
  local o = head.options("swav", options, defaults)
  head.over_zero("swav", o, "epsilon")
  if math.type(o.iterations) ~= "integer" or o.iterations < 1 then
    error(("swav: iterations must be an integer over 0, got %s"):format(o.iterations), 2)
  end
  return mb.no_grad(function()
    local logarithm = scores / o.epsilon ---@type moonburn.Tensor
    for _ = 1, o.iterations do logarithm = logarithm:log_softmax(1):log_softmax(2) end
    return logarithm:exp()
  end)
end

--- The cross-entropy of each view's softmax with the other's assignments, the mean over rows and both views. Scores are
--- cosines with the prototypes, [N, K] for each view.
---@param a moonburn.Tensor
---@param b moonburn.Tensor
---@param options? moonburn.SwavOptions
---@return moonburn.Tensor
function swav.loss(a, b, options)
  local o = head.options("swav", options, defaults)
  head.over_zero("swav", o, "temperature")
  head.over_zero("swav", o, "epsilon")
  pair.check("swav", a, b)
  local rows, prototypes = table.unpack(a.shape)
  if rows < 2 then error(("swav: wants at least 2 rows, since one alone is spread evenly whatever its scores, got %d"):format(rows), 2) end
  if prototypes < 2 then error(("swav: wants at least 2 prototypes, since with one the loss is always 0, got %d"):format(prototypes), 2) end
  ---@param scores moonburn.Tensor
  ---@param assigned moonburn.Tensor
  local function cross_entropy(scores, assigned)
    return -(assigned * (scores / o.temperature):log_softmax()):sum(2):mean()
  end
  return (cross_entropy(a, swav.assign(b, o)) + cross_entropy(b, swav.assign(a, o))) / 2
end

return swav
