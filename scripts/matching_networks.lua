-- Matching networks (Vinyals et al., NeurIPS 2016): a query's class is that of the support images it attends to, by cosine.
local few_shot = require "moonburn.few_shot"
local head = require "moonburn.heads.head"

---@type moonburn.Script
local experiment = {
  options = few_shot.options {
    temperature = 0.1, -- divides the cosines
    test_tasks = 200,  -- tasks of the evaluation
  },
  episode = few_shot.episode,
}

-- ln Σₖ a(q, sₖ) yₖ of unit queries [T, m, d] and support [T, n, d], with attention a by the softmax of cosines: [T, m, ways].
---@param support moonburn.Tensor
---@param query moonburn.Tensor
local function logits(support, query, episode, o)
  local attention = (query:matmul(support:transpose()) / o.temperature):softmax(3)
  return (attention:matmul(episode.support_labels:one_hot(episode.ways)) + 1e-9):log()
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
