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
    steps = 400,      -- updates
    lr = 3e-3,        -- Adam's learning rate after the warm-up; it falls to 0 by a cosine
    test_tasks = 200, -- tasks of the evaluation
  },
  episode = few_shot.episode,
}

-- A score of each query [T, m, d] with each class: [T, m, ways].
local function classifier(session, o)
  ---@param support moonburn.Tensor
  ---@param query moonburn.Tensor
  return head.new(function(support, query, episode)
    local q, m, unit = query:unsqueeze(3), prototypes.means(support, episode):unsqueeze(2), query.shape[3] ^ 0.5
    -- Differences and products: of the two side by side, as in the paper, so small a network learns nothing in so few steps.
    return session.relation(mb.cat({ (q - m):abs() * unit, q * m * unit ^ 2 }, 4)):squeeze(4)
  end, o)
end

function experiment.setup(session, o)
  few_shot.setup(session, o)
  local width = o.width * (o.size // 16) ^ 2
  session.encoder   = few_shot.conv4(o.width)
  session.relation  = mb.nn.sequential { mb.nn.linear(2 * width, o.hidden), mb.nn.layer_norm(o.hidden), mb.nn.relu(), mb.nn.linear(o.hidden, 1) }
  session.optimizer = mb.optim.adam { lr = mb.schedule.cosine(o.lr, 0):warmup(0.05) }
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
