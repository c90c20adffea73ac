-- Relation networks (Sung et al., CVPR 2018): a network learns how alike a query and a class's mean are, and its scores are
-- to be 1 for the query's class and 0 for all others.
local mb = require "moonburn"
local few_shot = require "moonburn.few_shot"
local head = require "moonburn.heads.head"
local prototypes = require "moonburn.heads.prototypes"

---@type moonburn.Script
local experiment = {
  options = few_shot.options {
    hidden = 64,      -- the size of the relation's hidden layer
    test_tasks = 200, -- tasks of the evaluation
  },
  episode = few_shot.episode,
}

-- A score of each query [T, m, d] with each class: [T, m, ways].
local function classifier(session, o)
  ---@param support moonburn.Tensor
  ---@param query moonburn.Tensor
  return head.new(function(support, query, episode)
    local means, width = prototypes.means(support, episode), query.shape[3]
    local shape = { episode.tasks, query.shape[2], episode.ways, width }
    local pairs_of = mb.cat({ query:unsqueeze(3):expand(shape), means:unsqueeze(2):expand(shape) }, 4)
    return session.relation(pairs_of * math.sqrt(width)):squeeze(4)
  end, o)
end

function experiment.setup(session, o)
  few_shot.setup(session, o)
  local width = o.width * (o.size // 16) ^ 2
  session.encoder  = few_shot.conv4(o.width)
  session.relation = mb.nn.sequential { mb.nn.linear(2 * width, o.hidden), mb.nn.relu(), mb.nn.linear(o.hidden, 1) }
end

function experiment.loss(session, episode, o)
  local relation, embeddings = classifier(session, o), session.encoder(episode.images)
  session:log { accuracy = relation.accuracy(episode, embeddings) }
  return mb.loss.mse(relation.logits(episode, embeddings):sigmoid(), episode.query_labels:one_hot(episode.ways))
end

function experiment.evaluate(session, o)
  return few_shot.evaluate_head(session, o, classifier(session, o))
end

return experiment
