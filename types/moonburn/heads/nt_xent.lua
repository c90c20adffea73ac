-- The contrastive loss of SimCLR (Chen et al., ICML 2020) as a head: each view must find the others of its class.
local mb = require "moonburn"
local head = require "moonburn.heads.head"

local nt_xent = {}

--- Options of the head.
---@class (exact) moonburn.NtXentHeadOptions: table<"temperature", any>
---@field temperature? number Divides the logits. Over 0. Default: 0.5.

--- The head: a function (episode, embeddings) that gives the loss, the mean over tasks. Support and query play one role.
---@param options? moonburn.NtXentHeadOptions
---@return fun(episode: moonburn.Episode, embeddings: moonburn.Tensor): moonburn.Tensor
function nt_xent.new(options)
  options = head.options("nt_xent", options, { temperature = 0.5 })
  head.over_zero("nt_xent", options, "temperature")
  return function(episode, embeddings)
    if not episode.view_major then error("nt_xent: wants an episode whose rows are view-major, not one with labels of its own", 2) end
    local support, query = episode:split(embeddings)
    local rows = mb.cat({ support, query }, 2)
    local loss = 0 ---@type any
    for task = 1, episode.tasks do
      loss = loss + mb.loss.nt_xent(rows[task], { views = episode.views, temperature = options.temperature })
    end
    return loss / episode.tasks
  end
end

return nt_xent
