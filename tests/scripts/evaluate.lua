-- Few-shot episodes and the linear probe as scripts see them. tests/scripts/methods.lua has the nearest neighbours.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

-- Forty rows of each of three classes, around corners that lie `apart`; the labels count from 1.
local function clusters(apart)
  local rows, labels = {}, {}
  for row = 1, 120 do
    local class = (row - 1) % 3 + 1
    local noise = 0.3 * math.sin(row * 1.7)
    rows[row] = { noise, 0.3 * math.cos(row * 2.3), 1 - noise }
    rows[row][class] = rows[row][class] + apart
    labels[row] = class
  end
  return mb.tensor(rows), mb.tensor(labels)
end

test("every head tells classes that lie apart", function()
  local features, labels = clusters(5)
  for _, head in ipairs { "prototypes", "ridge", "logistic" } do
    local found = mb.evaluate.few_shot_features(features, labels, { ways = 3, episodes = 20, head = head, lambda = 0.1, c = 2 })
    spec.equal({ found.accuracy, found.interval, found.episodes }, { 100, 0, 20 })
  end
end)

test("a few-shot result says how it was measured", function()
  local features, labels = clusters(1)
  local options = { ways = 2, shots = 3, queries = 4, episodes = 50, head = "ridge", lambda = 0.5, seed = 9 }
  local found = mb.evaluate.few_shot_features(features, labels, options)
  spec.equal(found.protocol, "2-way 3-shot 4-query, 50 episodes, ridge (lambda 0.5) on unit features, seed 9")
  spec.holds(found.accuracy > 50 and found.accuracy <= 100)
  spec.near(mb.evaluate.few_shot_features(features * 7, labels * 2, options).accuracy, found.accuracy)
end)

test("an encoder is evaluated on a data set", function()
  local images = mb.data.images("shapes", { count = 200 })
  local found = mb.evaluate.few_shot(mb.nn.flatten(), images, { queries = 5, episodes = 10 })
  spec.equal(found.protocol, "5-way 1-shot 5-query, 10 episodes, prototypes on unit features, seed 0")
  spec.holds(found.accuracy > 0 and found.interval > 0)
  local test_images = mb.data.images("shapes", { split = "test", count = 50 })
  local accuracy = mb.evaluate.linear(mb.nn.flatten(), images, test_images, { epochs = 2, batch = 50 })
  spec.holds(accuracy >= 0 and accuracy <= 100)
end)

test("a linear layer learns classes that lie apart", function()
  local features, labels = clusters(5)
  for _, normalize in ipairs { false, true } do
    spec.equal(mb.evaluate.linear_features(features, labels, features, labels, { epochs = 20, batch = 24, normalize = normalize }), 100)
  end
end)

test("an evaluation refuses what makes no sense", function()
  local features, labels = clusters(1)
  local function few_shot(options) return function() return mb.evaluate.few_shot_features(features, labels, options) end end
  local function linear(options) return function() return mb.evaluate.linear_features(features, labels, features, labels, options) end end
  spec.fails("few_shot: ways must be at most 3, for of 3 classes 3 have the 1 + 15 rows that an episode takes; the smallest has 40, got 5", few_shot {})
  spec.fails("few_shot_features: ways must be at least 2, got 1", few_shot { ways = 1 })
  spec.fails("few_shot: unknown head 'protoypes'; did you mean 'prototypes'?", few_shot { head = "protoypes" })
  spec.fails("few_shot_features: lambda must be a number over 0, got 0", few_shot { ways = 3, head = "ridge", lambda = 0 })
  spec.fails("few_shot_features: seed must be an integer of at least 0, got -1", few_shot { seed = -1 })
  spec.fails("few_shot_features: unknown option 'shot'; did you mean 'shots'?", few_shot { shot = 5 })
  spec.fails("linear_features: momentum must be at least 0 and below 1, got 1", linear { momentum = 1 })
  spec.fails("linear_features: seed must be an integer of at least 0, got -1", linear { seed = -1 })
  spec.fails("labels must be from 1, got 0", function() return mb.evaluate.linear_features(features, labels - 1, features, labels) end)
end)
