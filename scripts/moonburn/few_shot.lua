-- What the supervised few-shot scripts share: classes for training and others for testing, the backbone, the evaluation.
local mb = require "moonburn"

local few_shot = {}

--- The shared options, and those of the script, which win.
---@param own? table
---@return table
function few_shot.options(own)
  local options = {
    images = "shapes", -- the built-in set, an image folder, or a folder with CIFAR-10's binary batches
    size = 32,         -- images are brought to this side
    classes = 5,       -- the first so many classes are for training, all others for testing
    width = 32,        -- channels of the backbone
    ways = 5,          -- classes per task
    shots = 5,         -- support images per class
    queries = 10,      -- query images per class
    tasks = 2,         -- tasks per step
    steps = 200,       -- updates
    lr = 0.05,         -- the learning rate after the warm-up; it falls to 0 by a cosine
    crop = 0.6,        -- the least part of an image's area that is shown in training
    episodes = 1000,   -- of the evaluation
  }
  for name, value in pairs(own or {}) do options[name] = value end
  return options
end

--- Conv4 (Vinyals et al., NeurIPS 2016): four times convolution → batch norm → ReLU → 2 × 2 max pooling.
---@param width moonburn.Integer
---@return moonburn.Module
function few_shot.conv4(width)
  local layers = {}
  for i = 1, 4 do
    layers[#layers + 1] = mb.nn.conv2d(i == 1 and 3 or width, width, { kernel = 3, padding = 1, bias = false })
    layers[#layers + 1] = mb.nn.batch_norm(width)
    layers[#layers + 1] = mb.nn.relu()
    layers[#layers + 1] = mb.nn.max_pool2d { kernel = 2 }
  end
  layers[#layers + 1] = mb.nn.flatten()
  return mb.nn.sequential(layers)
end

--- images of the training classes, novel ones of all others, and the optimizer. No class is in both.
---@param session moonburn.Session
---@param o moonburn.Options
function few_shot.setup(session, o)
  local names = mb.data.images(o.images, { split = "train", size = o.size }):classes()
  local base, novel = table.move(names, 1, o.classes, 1, {}), table.move(names, o.classes + 1, #names, 1, {})
  if #base < o.ways or #novel < o.ways then
    error(("few_shot: %d of %d classes are for training and %d for testing; %d-way tasks need as many in each"):format(#base, #names, #novel, o.ways), 2)
  end
  session.images    = mb.data.images(o.images, { split = "train", size = o.size, classes = base })
  session.novel     = mb.data.images(o.images, { split = "test", size = o.size, classes = novel })
  session.optimizer = mb.optim.sgd { lr = mb.schedule.warmup_cosine(o.lr, { warmup = 0.05 }), momentum = 0.9, weight_decay = 5e-4 }
end

--- Tasks of labelled classes.
---@param session moonburn.Session
---@param o moonburn.Options
---@return moonburn.Episode
function few_shot.episode(session, o)
  return mb.episode.few_shot(session.images, {
    ways = o.ways,
    shots = o.shots,
    queries = o.queries,
    tasks = o.tasks,
    augment = mb.augment.chain { mb.augment.random_resized_crop { size = o.size, scale = { o.crop, 1 } }, mb.augment.horizontal_flip() },
  })
end

--- Accuracy on tasks of classes that were never trained on, with its 95 % confidence interval. head is one of
--- mb.evaluate.few_shot's; lambda is for ridge.
---@param session moonburn.Session
---@param o moonburn.Options
---@param head "prototypes"|"ridge"|"logistic"
---@param lambda? number
---@return table<string, any>
function few_shot.evaluate(session, o, head, lambda)
  local found = mb.evaluate.few_shot(session.encoder, session.novel, {
    ways = o.ways,
    shots = o.shots,
    queries = 15,
    episodes = o.episodes,
    head = head,
    lambda = lambda,
  })
  return { few_shot_accuracy = found.accuracy, interval = found.interval, protocol = found.protocol }
end

--- The same for any head, over o.test_tasks tasks.
---@param session moonburn.Session
---@param o moonburn.Options
---@param classifier moonburn.Head
---@return table<string, any>
function few_shot.evaluate_head(session, o, classifier)
  local sum, squares = 0.0, 0.0
  session.encoder:eval()
  for _ = 1, o.test_tasks do
    local episode = mb.episode.few_shot(session.novel, { ways = o.ways, shots = o.shots, queries = 15 })
    local right = mb.no_grad(function() return classifier.accuracy(episode, session.encoder(episode.images)) end)
    sum, squares = sum + 100 * right:item(), squares + (100 * right:item()) ^ 2
  end
  session.encoder:train()
  local mean = sum / o.test_tasks
  local deviation = math.sqrt((squares - sum * mean) / (o.test_tasks - 1))
  return { few_shot_accuracy = mean, interval = 1.96 * deviation / math.sqrt(o.test_tasks) }
end

return few_shot
