-- How sharp the place is that a training finds: the Hessian's largest eigenvalue, before and after (PyHessian, Yao et
-- al. 2020). The Hessian of n parameters has n² entries and is never made. Its product with a vector is the gradient of a
-- gradient's inner product with that vector (Pearlmutter 1994). Repeated products find the eigenvector.
local mb = require "moonburn"
local few_shot = require "moonburn.few_shot"
local prototypes = require "moonburn.heads.prototypes"
local vectors = require "moonburn.vectors"

---@type moonburn.Script
local experiment = {
  options = few_shot.options {
    temperature = 0.2, -- divides the logits
    products = 20,     -- products with the Hessian until its eigenvector counts as found
    hessian_tasks = 2, -- tasks of the loss whose Hessian it is
  },
  episode = few_shot.episode,
}

function experiment.setup(session, o)
  few_shot.setup(session, o)
  session.encoder = few_shot.conv4(o.width)
end

---@return moonburn.Tensor
local function loss_of(session, episode, o)
  return prototypes.new { temperature = o.temperature }(episode, session.encoder(episode.images))
end

experiment.loss = loss_of

local function unit(v)
  local length = vectors.dot(v, v):sqrt()
  return vectors.map(function(tensor) return tensor / length end, v)
end

-- The eigenvalue of the largest size, and how far its vector is from an eigenvector: ‖H v − λ v‖ / |λ|.
local function largest_eigenvalue(loss, parameters, products)
  local slope = mb.grad(loss, parameters, { create_graph = true })
  local v = unit(vectors.map(function(parameter) return mb.randn(table.unpack(parameter.shape)) end, parameters))
  local value, rest ---@type moonburn.Tensor, table<string, moonburn.Tensor>
  for _ = 1, products do
    local product = mb.grad(vectors.dot(slope, v), parameters, { retain_graph = true })
    value = vectors.dot(v, product)
    rest = vectors.add(product, -value, v)
    v = unit(product)
  end
  return value:item(), (vectors.dot(rest, rest):sqrt() / value:abs()):item()
end

function experiment.evaluate(session, o)
  local found = few_shot.evaluate(session, o, "prototypes")
  local episode = few_shot.episode(session, setmetatable({ tasks = o.hessian_tasks }, { __index = o }))
  local loss = loss_of(session, episode, o)
  found.eigenvalue, found.residual = largest_eigenvalue(loss, session.encoder:parameters(), o.products)
  return found
end

return experiment
