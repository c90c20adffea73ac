-- What MAML, Reptile and iMAML share: a classifier that a few steps of gradient descent adapt to a task, the tasks, the
-- test. Batch norm takes the statistics of the images at hand, in the test too, as MAML's own code does.
local mb = require "moonburn"
local few_shot = require "moonburn.few_shot"

local adaptation = {}

--- The shared options, and those of the script, which win.
---@param own table
---@return table
function adaptation.options(own)
  local options = few_shot.options {
    tasks = 4,        -- tasks per step
    inner_steps = 5,  -- steps of gradient descent on a task
    inner_lr = 0.1,   -- the learning rate of these
    test_tasks = 100, -- tasks of the evaluation
  }
  for name, value in pairs(own) do options[name] = value end
  return options
end

---@param session moonburn.Session
---@param o moonburn.Options
function adaptation.setup(session, o)
  few_shot.setup(session, o)
  -- Four poolings leave a sixteenth of the side.
  local side = o.size // 16
  if side < 1 then error(("adaptation: size must be at least 16, got %d"):format(o.size)) end
  session.model = mb.nn.sequential { few_shot.conv4(o.width), mb.nn.linear(o.width * side * side, o.ways) }
end

--- An episode of one task: every task gets parameters of its own.
---@param session moonburn.Session
---@param o moonburn.Options
---@return moonburn.Episode
function adaptation.episode(session, o)
  return few_shot.episode(session, setmetatable({ tasks = 1 }, { __index = o }))
end

--- Calls learn with the episodes of a step, and logs the means of the numbers that it returns by name.
---@param session moonburn.Session
---@param o moonburn.Options
---@param learn fun(episode: moonburn.Episode): table<string, number>
function adaptation.each_task(session, o, learn)
  local means = {}
  for _ = 1, o.tasks do
    for name, value in pairs(learn(adaptation.episode(session, o))) do
      means[name] = (means[name] or 0) + value / o.tasks
    end
  end
  session:log(means)
end

--- The loss of a task's queries under the adapted parameters, and the share of them that is classified right.
---@param model moonburn.Module
---@param adapted table<string, moonburn.Tensor>
---@param episode moonburn.Episode
---@return moonburn.Tensor loss
---@return number accuracy
function adaptation.query_loss(model, adapted, episode)
  local logits, labels = model:functional_call(adapted, episode.query_images[1]), episode.query_labels[1]
  return mb.loss.cross_entropy(logits, labels), logits:argmax():eq(labels):cast("float32"):mean():item()
end

--- Adds gradients that were found otherwise than by a loss to those that the optimizer goes by.
---@param parameters table<string, moonburn.Tensor>
---@param gradients table<string, moonburn.Tensor>
function adaptation.add_gradients(parameters, gradients)
  for path, gradient in pairs(gradients) do parameters[path]:backward { gradient = gradient } end
end

--- The accuracy on tasks of new classes with its 95 % confidence interval. adapt gives a task's parameters.
---@param session moonburn.Session
---@param o moonburn.Options
---@param adapt fun(episode: moonburn.Episode): table<string, moonburn.Tensor>
---@return table<string, number>
function adaptation.evaluate(session, o, adapt)
  local sum, squares = 0.0, 0.0
  for _ = 1, o.test_tasks do
    local episode = mb.episode.few_shot(session.novel, { ways = o.ways, shots = o.shots, queries = 15 })
    local _, right = adaptation.query_loss(session.model, adapt(episode), episode)
    sum, squares = sum + 100 * right, squares + (100 * right) ^ 2
  end
  local mean = sum / o.test_tasks
  local deviation = math.sqrt((squares - sum * mean) / (o.test_tasks - 1))
  return { few_shot_accuracy = mean, interval = 1.96 * deviation / math.sqrt(o.test_tasks) }
end

return adaptation
