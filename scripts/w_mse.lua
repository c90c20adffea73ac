-- W-MSE (Ermolov et al., ICML 2021): embeddings are whitened within a batch, so that they cannot collapse, and two views of
-- an image need only be near each other. There are no negatives, no predictor and no second network.
local mb = require "moonburn"
local self_supervised = require "moonburn.self_supervised"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    whitened = 128, -- rows that are whitened together, more than twice the size of an embedding; divides the batch
    draws = 1,      -- how often the rows are shared out anew
    epsilon = 1e-3, -- the share of the identity in the covariance
    embedding = 32,
    batch = 256,
    lr = 0.02,      -- with more of it, or longer, a short training collapses to few directions
    epochs = 8,
    crop = 0.5,
    jitter = 1,
    grayscale = 0.4,
  },
  episode = self_supervised.episode,
  evaluate = self_supervised.evaluate,
}

function experiment.setup(session, o)
  self_supervised.refuse(o, { "crops" }) -- there are pairs of views
  if o.whitened <= o.embedding then error(("w_mse: whitened must be over embedding, %d, got %d"):format(o.embedding, o.whitened)) end
  self_supervised.setup(session, o)
end

-- Rows [..., n, d] with mean 0 and the identity for a covariance: L⁻¹ (z − mean), with the covariance LLᵀ.
---@param z moonburn.Tensor
local function whiten(z, epsilon)
  local centred = z - z:mean(-2, true) ---@type moonburn.Tensor
  local covariance = centred:transpose():matmul(centred) / (z.shape[z.rank - 1] - 1)
  local factor = mb.linalg.cholesky((1 - epsilon) * covariance + epsilon * mb.eye(z.shape[z.rank]))
  return mb.linalg.solve_triangular(factor, centred:transpose(), { upper = false }):transpose()
end

-- 2 − 2 cos of the whitened rows of two views [N, d], the mean.
local function distance(a, b, o)
  local rows, count = a.shape[1], 0
  local together, sum = math.min(o.whitened, rows), mb.zeros(1):sum() ---@type any, moonburn.Tensor
  for _ = 1, o.draws do
    local order = mb.randperm(rows):slice(1, 1, rows - rows % together)
    local views = mb.stack { a:index_select(1, order), b:index_select(1, order) }
    local z = whiten(views:reshape(2, -1, together, a.shape[2]), o.epsilon):normalize()
    sum, count = sum + (2 - 2 * (z[1] * z[2]):sum(-1)):mean(), count + 1
  end
  return sum / count
end

function experiment.loss(session, episode, o)
  return self_supervised.loss(session, episode, o, function(_, z)
    local a, b = episode:split(z)
    return distance(a[1], b[1], o)
  end)
end

return experiment
