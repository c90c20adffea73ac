-- A multi-class support vector machine (MetaOptNet; Lee et al., CVPR 2019), fitted by its dual: logits Σᵢ αᵢ⟨xᵢ, q⟩.
local mb = require "moonburn"
local head = require "moonburn.heads.head"

local svm = {}

--- Options of the head.
---@class (exact) moonburn.SvmOptions: table<"c"|"ridge"|"temperature", any>
---@field c? number The bound on the weight of a support row. Over 0. Default: 0.1.
---@field ridge? number Added to the Gram matrix's diagonal. At least 0. Default: 0.
---@field temperature? number Divides the logits. Over 0. Default: 1.

--- Logits of queries [T, m, d], for support [T, n, d]. ridge is added to the Gram matrix's diagonal: 0 as in the paper;
--- MetaOptNet's own code adds 1.
---@param support moonburn.Tensor
---@param query moonburn.Tensor
---@param episode moonburn.Episode
---@param options table
---@return moonburn.Tensor
function svm.logits(support, query, episode, options)
  local _, rows = table.unpack(support.shape)
  local across = support:transpose(2, 3)
  local gram = support:matmul(across)
  if options.ridge > 0 then gram = gram + options.ridge * mb.eye(rows) end
  local alpha = mb.linalg.svm_dual(gram, episode.support_labels, { ways = episode.ways, c = options.c })
  return query:matmul(across):matmul(alpha) / options.temperature
end

--- The head: a function (episode, embeddings) that gives the loss. Embeddings are normalised first.
---@param options? moonburn.SvmOptions
---@return moonburn.Head
function svm.new(options)
  options = head.options("svm", options, { c = 0.1, ridge = 0, temperature = 1.0 })
  head.over_zero("svm", options, "c")
  head.over_zero("svm", options, "temperature")
  if type(options.ridge) ~= "number" or not (options.ridge >= 0 and options.ridge < math.huge) then
    error(("svm: ridge must be a number of at least 0, got %s"):format(options.ridge), 2)
  end
  return head.new(svm.logits, options)
end

return svm
