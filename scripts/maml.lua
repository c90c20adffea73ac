-- MAML (Finn et al., ICML 2017): a few steps of gradient descent on the support must make a classifier for the queries.
-- The gradient of the queries' loss goes through those steps, so it is of second order. ANIL (Raghu et al., ICLR 2020)
-- adapts only the last layer.
local mb = require "moonburn"
local adaptation = require "moonburn.adaptation"

---@type moonburn.Script
local experiment = {
  options = adaptation.options {
    first_order = false, -- whether the gradients within a task are constants: the first-order approximation
    anil = false,        -- whether only the last layer is adapted
  },
  setup = adaptation.setup,
}

-- Parameters by path after gradient descent on a task's support.
local function adapt(model, episode, o, create_graph)
  local images, labels, fast = episode.support_images[1], episode.support_labels[1], {}
  for path, parameter in pairs(model:parameters()) do
    if not o.anil or path:find("^1%.") then fast[path] = parameter end
  end
  for _ = 1, o.inner_steps do
    local loss = mb.loss.cross_entropy(model:functional_call(fast, images), labels)
    local gradients = mb.grad(loss, fast, { create_graph = create_graph })
    for path, gradient in pairs(gradients) do fast[path] = fast[path] - o.inner_lr * gradient end
  end
  return fast
end

function experiment.train(session, o)
  for _ in session:steps() do
    adaptation.each_task(session, o, function(episode)
      local fast = adapt(session.model, episode, o, not o.first_order)
      local loss, accuracy = adaptation.query_loss(session.model, fast, episode)
      local part = loss / o.tasks
      part:backward() -- lets go of the task's graph
      return { loss = loss:item(), accuracy = accuracy }
    end)
    session:update()
  end
end

function experiment.evaluate(session, o)
  return adaptation.evaluate(session, o, function(episode) return adapt(session.model, episode, o, false) end)
end

return experiment
