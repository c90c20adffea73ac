-- Reptile (Nichol et al., 2018): train on a task for some steps, then move the parameters towards where that led. No
-- gradient goes through those steps.
local mb = require "moonburn"
local adaptation = require "moonburn.adaptation"
local vectors = require "moonburn.vectors"

---@type moonburn.Script
local experiment = {
  options = adaptation.options {
    lr = 1.0, -- of the way to the adapted parameters so much is gone in the first step; it falls to 0
  },
}

function experiment.setup(session, o)
  adaptation.setup(session, o)
  session.optimizer = mb.optim.sgd { lr = mb.schedule.linear(o.lr, 0) }
end

-- Parameters by path after gradient descent on images of a task, and the first loss.
---@return table<string, moonburn.Tensor>, moonburn.Tensor
local function adapt(model, images, labels, o)
  local fast, first = vectors.map(function(parameter) return parameter:detach() end, model:parameters()), nil ---@type any, any
  for _ = 1, o.inner_steps do
    fast = vectors.map(function(parameter) return parameter:requires_grad() end, fast)
    local loss = mb.loss.cross_entropy(model:functional_call(fast, images), labels)
    local gradients = mb.grad(loss, fast)
    fast = vectors.map(function(parameter, g) return parameter:detach() - o.inner_lr * g end, fast, gradients)
    first = first or loss
  end
  return fast, first
end

-- What the optimizer takes for gradients is the way back from the adapted parameters, of which plain SGD goes the share lr.
function experiment.train(session, o)
  for _ in session:steps() do
    adaptation.each_task(session, o, function(episode)
      local images = mb.cat { episode.support_images[1], episode.query_images[1] }
      local labels = mb.cat { episode.support_labels[1], episode.query_labels[1] }
      local fast, loss = adapt(session.model, images, labels, o)
      local parameters = session.model:parameters()
      local back = vectors.map(function(p, q) return (p:detach() - q) / o.tasks end, parameters, fast)
      adaptation.add_gradients(parameters, back)
      return { loss = loss:item() }
    end)
    session:update()
  end
end

function experiment.evaluate(session, o)
  return adaptation.evaluate(session, o, function(episode)
    return (adapt(session.model, episode.support_images[1], episode.support_labels[1], o))
  end)
end

return experiment
