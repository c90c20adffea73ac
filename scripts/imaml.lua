-- iMAML (Rajeswaran et al., NeurIPS 2019): the adapted parameters minimise the support's loss and lambda / 2 times
-- their squared distance from the start. However they were found, their derivative by the start is (1 + H / lambda)⁻¹,
-- with the Hessian H of the support's loss.
local mb = require "moonburn"
local adaptation = require "moonburn.adaptation"
local vectors = require "moonburn.vectors"

---@type moonburn.Script
local experiment = {
  options = adaptation.options {
    lambda = 0.5,     -- the weight of the squared distance from the start
    damping = 10.0,   -- added to lambda in the system that is solved
    inner_steps = 16, -- steps of gradient descent on a task
    cg_steps = 5,     -- steps of conjugate gradients
  },
  setup = adaptation.setup,
}

local function support_loss(model, parameters, episode)
  return mb.loss.cross_entropy(model:functional_call(parameters, episode.support_images[1]), episode.support_labels[1])
end

local function adapt(model, episode, o)
  local start = model:parameters()
  local fast = vectors.map(function(parameter) return parameter:detach():requires_grad() end, start)
  for _ = 1, o.inner_steps do
    fast = vectors.map(function(now, gradient, first)
      return (now - o.inner_lr * (gradient + o.lambda * (now - first))):detach():requires_grad()
    end, fast, mb.grad(support_loss(model, fast, episode), fast), start)
  end
  return fast
end

-- By conjugate gradients, x + H x / (lambda + damping) = b: damping outweighs most negative eigenvalues of H.
local function solve(fast, loss, b, o)
  local slope = mb.grad(loss, fast, { create_graph = true })
  return vectors.solve(function(p)
    return vectors.add(p, 1 / (o.lambda + o.damping), mb.grad(vectors.dot(slope, p), fast, { retain_graph = true }))
  end, b, o.cg_steps)
end

function experiment.train(session, o)
  for _ in session:steps() do
    adaptation.each_task(session, o, function(episode)
      local model, fast = session.model, adapt(session.model, episode, o)
      local loss, accuracy = adaptation.query_loss(model, fast, episode)
      local slope = mb.grad(loss / o.tasks, fast)
      adaptation.add_gradients(model:parameters(), solve(fast, support_loss(model, fast, episode), slope, o))
      return { loss = loss:item(), accuracy = accuracy }
    end)
    session:update()
  end
end

function experiment.evaluate(session, o)
  return adaptation.evaluate(session, o, function(episode) return adapt(session.model, episode, o) end)
end

return experiment
