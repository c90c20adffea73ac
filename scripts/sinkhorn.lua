-- SwAV's assignments (Caron et al., NeurIPS 2020) as what they are: the plan of an optimal transport from a batch to
-- prototypes, with entropy. Sinkhorn and Knopp's algorithm (Cuturi, NeurIPS 2013) finds its two potentials, on logarithms.
local mb = require "moonburn"
local self_supervised = require "moonburn.self_supervised"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    prototypes = 32,   -- at most half the batch, as each gets an equal share of it
    temperature = 0.1, -- divides the logits
    epsilon = 0.05,    -- the weight of the entropy: the smaller, the harder the assignments
    iterations = 3,    -- of Sinkhorn and Knopp
    epochs = 16,
    crop = 0.5,        -- milder views than SimCLR's, which suit a short training
    jitter = 0.5, grayscale = 0.2,
  },
  episode = self_supervised.episode,
  evaluate = self_supervised.evaluate,
}

function experiment.setup(session, o)
  self_supervised.refuse(o, { "crops" }) -- there are pairs of views
  self_supervised.setup(session, o)
  session.prototypes = mb.nn.module {
    weight = mb.nn.parameter({ o.prototypes, o.embedding }, { std = 1 }),
    forward = function(self, z) return z:normalize():matmul(self.weight:normalize():transpose()) end,
  }
end

-- The plan for scores [N, K]: each row sums to 1, each column to N / K. And by how much the columns miss that at most.
---@param scores moonburn.Tensor
local function assign(scores, o)
  return mb.no_grad(function()
    local rows, columns = table.unpack(scores.shape)
    local logits, of_rows, of_columns = scores / o.epsilon, 0, 0 ---@type moonburn.Tensor, any, any
    for _ = 1, o.iterations do
      of_columns = math.log(rows / columns) - (logits + of_rows):logsumexp(1, true)
      of_rows = -(logits + of_columns):logsumexp(2, true)
    end
    local plan = (logits + of_rows + of_columns):exp()
    return plan, plan:sum(1):mul(columns / rows):sub(1):abs():max():item()
  end)
end

function experiment.loss(session, episode, o)
  return self_supervised.loss(session, episode, o, function(_, z)
    local a, b = episode:split(session.prototypes(z))
    local of_a, missed = assign(a[1], o)
    local of_b = assign(b[1], o)
    session:log { missed = missed }
    ---@return moonburn.Tensor
    local function cross_entropy(scores, plan)
      local shares = scores / o.temperature ---@type any
      return -(plan * shares:log_softmax()):sum(2):mean()
    end
    return (cross_entropy(a[1], of_b) + cross_entropy(b[1], of_a)) / 2
  end)
end

return experiment
