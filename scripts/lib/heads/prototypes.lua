-- Prototypical networks (Snell et al., NeurIPS 2017): a class is the mean of its support embeddings.
local mb = require "moonburn"
local head = require "lib.heads.head"

local prototypes = {}

-- Logits −‖q − p_c‖² / temperature of queries [T, m, d], for support [T, n, d] of one-hot classes [T, n, ways].
function prototypes.logits(support, classes, query, options)
  local sums = classes:transpose(2, 3):matmul(support)
  local means = sums / classes:sum(2):unsqueeze(3)
  return -mb.linalg.squared_distances(query, means) / options.temperature
end

-- The head: a function (episode, embeddings) that gives the loss. Embeddings are normalised first.
function prototypes.new(options)
  options = head.options("prototypes", options, { temperature = 0.5 })
  head.over_zero("prototypes", options, "temperature")
  return head.new(prototypes.logits, options)
end

return prototypes
