-- InfoNCE (van den Oord et al., 2018) with a queue, as in MoCo (He et al., CVPR 2020, Algorithm 1): a query must find its
-- key among the keys of earlier batches.
local mb = require "moonburn"
local head = require "moonburn.heads.head"
local pair = require "moonburn.losses.pair"

local info_nce = {}

--- Options of the loss.
---@class (exact) moonburn.InfoNceOptions: table<"temperature", any>
---@field temperature? number Divides the logits. Over 0. Default: 0.2.

--- −log softmax of the cosines / temperature at the key of the same row, the mean over rows. query and key are [N, d],
--- queue [K, d]; all are normalised, and only the query gets a gradient.
---@param query moonburn.Tensor
---@param key moonburn.Tensor
---@param queue moonburn.Tensor
---@param options? moonburn.InfoNceOptions
---@return moonburn.Tensor
function info_nce.loss(query, key, queue, options)
  local o = head.options("info_nce", options, { temperature = 0.2 })
  head.over_zero("info_nce", o, "temperature")
  pair.check("info_nce", query, key)
  if queue.rank ~= 2 or queue.shape[2] ~= query.shape[2] then
    local got = table.concat(queue.shape, ", ")
    error(("info_nce: wants a queue [K, %d], got shape [%s]"):format(query.shape[2], got), 2)
  end
  local q, k, others = query:normalize(), key:detach():normalize(), queue:detach():normalize()
  local cosines = mb.cat({ (q * k):sum(2, true), q:matmul(others:transpose()) }, 2)
  return -(cosines / o.temperature):log_softmax():index(2, 1):mean()
end

return info_nce
