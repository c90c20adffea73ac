-- First-order MAML (Finn et al., ICML 2017; Nichol et al. 2018) and ANIL (Raghu et al., ICLR 2020): a few steps of
-- gradient descent on the support must make a classifier for the queries. The parameters are a table of tensors by path.
local mb = require "moonburn"
local few_shot = require "lib.few_shot"

local experiment = {
  options = few_shot.options {
    anil = false,        -- whether only the last layer is adapted
    tasks = 4,
    inner_steps = 5,
    inner_lr = 0.1,
    test_tasks = 100,
  },
}

function experiment.setup(session, o)
  few_shot.setup(session, o)
  -- Four poolings leave a sixteenth of the side.
  local side = o.size // 16
  if side < 1 then error(("maml: size must be at least 16, got %d"):format(o.size)) end
  session.model = mb.nn.sequential { few_shot.conv4(o.width), mb.nn.linear(o.width * side * side, o.ways) }
end

-- Several tasks, one episode each: every one gets parameters of its own.
function experiment.episode(session, o)
  local episodes = {}
  for task = 1, o.tasks do episodes[task] = few_shot.episode(session, setmetatable({ tasks = 1 }, { __index = o })) end
  return episodes
end

-- Parameters after gradient descent on the support. What was subtracted is a constant, so the gradient of the query's
-- loss by the adapted parameters is taken as that by the first ones: the first-order approximation.
local function adapt(session, images, labels, o)
  local start, moved = {}, {}
  for path, parameter in pairs(session.model:parameters()) do
    if not o.anil or path:find("^1%.") then start[path], moved[path] = parameter, 0 * parameter:detach() end
  end
  for _ = 1, o.inner_steps do
    local fast = {}
    for path, parameter in pairs(start) do fast[path] = (parameter:detach() - moved[path]):requires_grad() end
    local loss = mb.loss.cross_entropy(session.model:functional_call(fast, images), labels)
    for path, gradient in pairs(mb.grad(loss, fast)) do moved[path] = moved[path] + o.inner_lr * gradient end
  end
  local adapted = {}
  for path, parameter in pairs(start) do adapted[path] = parameter - moved[path] end
  return adapted
end

-- The loss and the accuracy of one task's queries.
local function query_loss(session, episode, o)
  local adapted = adapt(session, episode.support_images[1], episode.support_labels[1], o)
  local logits = session.model:functional_call(adapted, episode.query_images[1])
  return mb.loss.cross_entropy(logits, episode.query_labels[1]), logits:argmax():eq(episode.query_labels[1]):cast("float32"):mean():item()
end

function experiment.loss(session, episodes, o)
  local loss, accuracy = 0, 0
  for _, episode in ipairs(episodes) do
    local own, right = query_loss(session, episode, o)
    loss, accuracy = loss + own / #episodes, accuracy + right / #episodes
  end
  session:log { accuracy = accuracy }
  return loss
end

-- Batch norm takes the statistics of the images at hand, in the test too, as MAML's own code does.
function experiment.evaluate(session, o)
  local sum, squares = 0, 0
  for _ = 1, o.test_tasks do
    local episode = mb.episode.few_shot(session.novel, { ways = o.ways, shots = o.shots, queries = 15 })
    local _, right = query_loss(session, episode, o)
    sum, squares = sum + 100 * right, squares + (100 * right) ^ 2
  end
  local mean = sum / o.test_tasks
  local deviation = math.sqrt((squares - sum * mean) / (o.test_tasks - 1))
  return { few_shot_accuracy = mean, interval = 1.96 * deviation / math.sqrt(o.test_tasks) }
end

return experiment
