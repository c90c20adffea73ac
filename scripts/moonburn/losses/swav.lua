-- The loss of SwAV (Caron et al., NeurIPS 2020): from one view, tell which prototypes the other was assigned to, where a
-- batch is spread evenly over the prototypes.
local mb = require "moonburn"
local head = require "moonburn.heads.head"
local pair = require "moonburn.losses.pair"

local swav = {}

local defaults = {
  temperature = 0.1,
  epsilon = 0.05,  -- the smaller, the harder the assignments
  iterations = 3,  -- of Sinkhorn and Knopp
}

-- The assignments of a batch to prototypes, from scores [N, K]: each row sums to 1, each column to about N / K. That is
-- Sinkhorn and Knopp's algorithm (Cuturi, NeurIPS 2013), on logarithms so that no score is too large. A constant.
function swav.assign(scores, options)
  options = head.options("swav", options, defaults)
  head.over_zero("swav", options, "epsilon")
  if math.type(options.iterations) ~= "integer" or options.iterations < 1 then
    error(("swav: iterations must be an integer over 0, got %s"):format(options.iterations), 2)
  end
  return mb.no_grad(function()
    local logarithm = scores / options.epsilon
    for _ = 1, options.iterations do logarithm = logarithm:log_softmax(1):log_softmax(2) end
    return logarithm:exp()
  end)
end

-- The cross-entropy of each view's softmax with the other's assignments, the mean over rows and both views. Scores are
-- cosines with the prototypes, [N, K] for each view.
function swav.loss(a, b, options)
  options = head.options("swav", options, defaults)
  head.over_zero("swav", options, "temperature")
  head.over_zero("swav", options, "epsilon")
  pair.check("swav", a, b)
  local rows, prototypes = table.unpack(a.shape)
  if rows < 2 then error(("swav: wants at least 2 rows, since one alone is spread evenly whatever its scores, got %d"):format(rows), 2) end
  if prototypes < 2 then error(("swav: wants at least 2 prototypes, since with one the loss is always 0, got %d"):format(prototypes), 2) end
  local function cross_entropy(scores, assigned)
    return -(assigned * (scores / options.temperature):log_softmax()):sum(2):mean()
  end
  return (cross_entropy(a, swav.assign(b, options)) + cross_entropy(b, swav.assign(a, options))) / 2
end

return swav
