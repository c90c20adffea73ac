-- The loss of SwAV (Caron et al., NeurIPS 2020): from one view, tell which prototypes another was assigned to, where a
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

--- Options of the loss of several views.
---@class (exact) moonburn.SwavMultiCropOptions: table<"views"|"assigned"|"temperature"|"epsilon"|"iterations", any>
---@field views? integer Views per image. At least 2. Default: 2.
---@field assigned? integer Of these the first ones, whose assignments the others tell. Default: 2.
---@field temperature? number Divides the logits. Over 0. Default: 0.1.
---@field epsilon? number The smaller, the harder the assignments. Over 0. Default: 0.05.
---@field iterations? integer Of Sinkhorn and Knopp. At least 1. Default: 3.

local defaults = {
  temperature = 0.1,
  epsilon = 0.05,  -- the smaller, the harder the assignments
  iterations = 3,  -- of Sinkhorn and Knopp
}

local with_views = { views = 2, assigned = 2, temperature = defaults.temperature, epsilon = defaults.epsilon, iterations = defaults.iterations }

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

-- What is wrong with scores [views · N, K], the views and those of them that are assigned. At the line that calls the loss.
local function check(scores, views, assigned)
  local function integer(name, value, low, high)
    if math.type(value) ~= "integer" or value < low or value > high then
      local range = high < math.huge and ("from %d to %d"):format(low, high) or ("over %d"):format(low - 1)
      error(("swav: %s must be an integer %s, got %s"):format(name, range, value), 4)
    end
  end
  integer("views", views, 2, math.huge)
  integer("assigned", assigned, 1, views)
  if scores.rank ~= 2 or scores.shape[1] % views > 0 then
    error(("swav: wants scores [%d · N, K], got shape [%s]"):format(views, table.concat(scores.shape, ", ")), 3)
  end
  local rows, prototypes = scores.shape[1] // views, scores.shape[2]
  if rows < 2 then error(("swav: wants at least 2 rows, since one alone is spread evenly whatever its scores, got %d"):format(rows), 3) end
  if prototypes < 2 then error(("swav: wants at least 2 prototypes, since with one the loss is always 0, got %d"):format(prototypes), 3) end
end

-- The mean over pairs of an assigned view and any other.
---@param scores moonburn.Tensor
---@return moonburn.Tensor
local function loss(scores, views, assigned, o)
  local parts = scores:reshape(views, -1, scores.shape[2])
  local own = (parts / o.temperature):log_softmax() ---@type moonburn.Tensor
  local all, sum = own:sum(1), 0 ---@type moonburn.Tensor, any
  for view = 1, assigned do sum = sum - (swav.assign(parts[view], o) * (all - own[view])):sum(2):mean() end
  return sum / (assigned * (views - 1))
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
  local scores = mb.cat { a, b }
  check(scores, 2, 2)
  return loss(scores, 2, 2, o)
end

--- The same for several views, the multi-crop of the paper (equation 6): the mean over pairs of one of the first views, which
--- are assigned, and any other view, which tells its assignment. Scores are [views · N, K], view-major.
---@param scores moonburn.Tensor
---@param options? moonburn.SwavMultiCropOptions
---@return moonburn.Tensor
function swav.multi_crop(scores, options)
  local o = head.options("swav", options, with_views)
  head.over_zero("swav", o, "temperature")
  head.over_zero("swav", o, "epsilon")
  check(scores, o.views, o.assigned)
  local of_loss = { temperature = o.temperature, epsilon = o.epsilon, iterations = o.iterations }
  return loss(scores, o.views, o.assigned, of_loss)
end

return swav
