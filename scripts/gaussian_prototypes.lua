-- Prototypes with a covariance: a class is a Gaussian of its own mean and of a covariance that all classes share, shrunken
-- towards a ball (Ledoit & Wolf 2004). Logits are Mahalanobis distances, as Simple CNAPS has them (Bateni et al., CVPR 2020).
local mb = require "moonburn"
local few_shot = require "moonburn.few_shot"
local head = require "moonburn.heads.head"
local prototypes = require "moonburn.heads.prototypes"

---@type moonburn.Script
local experiment = {
  options = few_shot.options {
    shrinkage = 0.5,   -- the share of the ball in the covariance
    temperature = 0.2, -- divides the logits
    test_tasks = 200,  -- tasks of the evaluation
  },
  episode = few_shot.episode,
}

-- Logits −‖q − m‖² of queries [T, m, d] by the metric in which support [T, n, d] has the covariance 1 / d.
---@param support moonburn.Tensor
local function logits(support, query, episode, o)
  local rows, width = support.shape[2], support.shape[3]
  local means = prototypes.means(support, episode)
  local centred = support - episode.support_labels:one_hot(episode.ways):matmul(means)
  local covariance = centred:transpose():matmul(centred) / rows
  local variance = (centred * centred):sum(3, true):sum(2, true) / (rows * width)
  local ball = (o.shrinkage * variance + 1e-6) * mb.eye(width)
  local factor = mb.linalg.cholesky((1 - o.shrinkage) * covariance + ball)
  local function whiten(x) return mb.linalg.solve_triangular(factor, x:transpose(), { upper = false }):transpose() end
  return -mb.linalg.squared_distances(whiten(query), whiten(means)) / (width * o.temperature)
end

function experiment.setup(session, o)
  few_shot.setup(session, o)
  session.encoder = few_shot.conv4(o.width)
end

function experiment.loss(session, episode, o)
  local classifier, embeddings = head.new(logits, o), session.encoder(episode.images)
  session:log { accuracy = classifier.accuracy(episode, embeddings) }
  return classifier(episode, embeddings)
end

function experiment.evaluate(session, o)
  return few_shot.evaluate_head(session, o, head.new(logits, o))
end

return experiment
