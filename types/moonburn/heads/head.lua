-- What closed-form heads share: unit embeddings, the cross-entropy of the queries, checked options.
local mb = require "moonburn"

---@class moonburn.Head A head that classifies: called with an episode and the embeddings of its rows, it gives the loss.
---@field logits fun(episode: moonburn.Episode, embeddings: moonburn.Tensor): moonburn.Tensor Of the queries, [T, m, ways].
---@field loss fun(episode: moonburn.Episode, embeddings: moonburn.Tensor): moonburn.Tensor A scalar.
---@field accuracy fun(episode: moonburn.Episode, embeddings: moonburn.Tensor): moonburn.Tensor The share of the queries that is classified right.
---@overload fun(episode: moonburn.Episode, embeddings: moonburn.Tensor): moonburn.Tensor

local head = {}

--- A head from logits(support, query, episode, options): support [T, n, d] and query [T, m, d] of unit rows give logits
--- [T, m, ways]. Called with an episode and the embeddings of its rows, it gives the loss.
---@param logits fun(support: moonburn.Tensor, query: moonburn.Tensor, episode: moonburn.Episode, options: table): moonburn.Tensor
---@param options table
---@return moonburn.Head
function head.new(logits, options)
  local self = {}

  function self.logits(episode, embeddings)
    if not embeddings then error("a head is called with an episode and the embeddings of its rows: head(episode, embeddings)", 3) end
    local support, query = episode:split(embeddings)
    return logits(support:normalize(), query:normalize(), episode, options)
  end

  function self.loss(episode, embeddings)
    local scores = self.logits(episode, embeddings)
    return mb.loss.cross_entropy(scores:reshape(-1, episode.ways), episode.query_labels:reshape(-1))
  end

  -- The share of queries whose class has the largest logit.
  function self.accuracy(episode, embeddings)
    local scores = mb.no_grad(function() return self.logits(episode, embeddings) end)
    return scores:argmax():eq(episode.query_labels):cast("float32"):mean()
  end

  return setmetatable(self, { __call = function(_, episode, embeddings) return self.loss(episode, embeddings) end })
end

--- The given options over the defaults; a name that is none of them is an error at the caller's line.
---@param name string
---@param given table?
---@param defaults table
---@return table
function head.options(name, given, defaults)
  if given ~= nil and type(given) ~= "table" then error(("%s: options must be a table, got %s"):format(name, given), 3) end
  local options, names = {}, {}
  for key, value in pairs(defaults) do options[key], names[#names + 1] = value, key end
  for key, value in pairs(given or {}) do
    if defaults[key] == nil then
      table.sort(names)
      error(("%s: unknown option '%s'; there are: %s"):format(name, key, table.concat(names, ", ")), 3)
    end
    options[key] = value
  end
  return options
end

--- Refuses an option that is no finite number over 0, at the line that calls the head's `new`.
---@param name string
---@param options table
---@param key string
function head.over_zero(name, options, key)
  local value = options[key]
  if type(value) ~= "number" or not (value > 0 and value < math.huge) then
    error(("%s: %s must be a number over 0, got %s"):format(name, key, type(value) == "number" and value or "a " .. type(value)), 3)
  end
end

return head
