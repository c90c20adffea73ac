-- Prototypical networks (Snell et al., NeurIPS 2017): a class is the mean of its support embeddings.
local mb = require "moonburn"
local head = require "moonburn.heads.head"

local prototypes = {}

--- Options of the head.
---@class (exact) moonburn.PrototypesOptions: table<"temperature", any>
---@field temperature? number Divides the logits. Over 0. Default: 0.5.

--- The mean of each class's rows: [T, n, d] to [T, ways, d].
---@param support moonburn.Tensor
---@param episode moonburn.Episode
---@return moonburn.Tensor
function prototypes.means(support, episode)
  if episode.view_major then return support:reshape(episode.tasks, episode.shots, episode.ways, -1):mean(2) end
  local classes = episode.support_labels:one_hot(episode.ways):transpose(2, 3)
  return classes:matmul(support) / classes:sum(3, true)
end

--- Logits −‖q − p_c‖² / temperature of queries [T, m, d], for support [T, n, d].
---@param support moonburn.Tensor
---@param query moonburn.Tensor
---@param episode moonburn.Episode
---@param options { temperature: number }
---@return moonburn.Tensor
function prototypes.logits(support, query, episode, options)
  return -mb.linalg.squared_distances(query, prototypes.means(support, episode)) / options.temperature
end

--- The head: a function (episode, embeddings) that gives the loss. Embeddings are normalised first.
---@param options? moonburn.PrototypesOptions
---@return moonburn.Head
function prototypes.new(options)
  options = head.options("prototypes", options, { temperature = 0.5 })
  head.over_zero("prototypes", options, "temperature")
  return head.new(prototypes.logits, options)
end

return prototypes
