-- What heads refuse, and that each stands for any number of shots, queries and ways.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local heads = { "prototypes", "ridge", "svm", "nt_xent" }

local function head_of(name, options) return require("moonburn.heads." .. name).new(options) end

local function episode_of(ways, shots, queries, tasks)
  local images = function(count) return mb.zeros(tasks or 1, count * ways, 3, 1, 1) end
  return mb.episode.of { support = images(shots), query = images(queries), ways = ways }
end

for _, name in ipairs(heads) do
  test(name .. " takes any ways, shots, queries and tasks, and its gradient is that of finite differences", function()
    for _, size in ipairs { { 2, 1, 1, 1, 3 }, { 5, 2, 3, 1, 9 }, { 3, 4, 1, 2, 4 } } do
      local ways, shots, queries, tasks, width = table.unpack(size)
      local episode, head = episode_of(ways, shots, queries, tasks), head_of(name, { temperature = 0.7 })
      local start = mb.randn(#episode, width)
      local z = start:requires_grad()
      local direction = mb.randn(#episode, width)
      local slope = (mb.grad(head(episode, z), { z })[1] * direction):sum():item()
      local step = 1e-3
      local ahead, behind = head(episode, start + step * direction):item(), head(episode, start - step * direction):item()
      spec.near(slope, (ahead - behind) / (2 * step), 2e-2)
    end
  end)

  test(name .. " refuses a temperature of 0, an option that is none, and embeddings that tell nothing", function()
    for _, value in ipairs { 0, -1, 0 / 0, math.huge } do
      spec.fails("temperature must be a number over 0", function() return head_of(name, { temperature = value }) end)
    end
    spec.fails("unknown option 'temprature'", function() return head_of(name, { temprature = 1 }) end)
    local episode, head = episode_of(3, 1, 1), head_of(name)
    spec.fails("support embeddings must be of different directions", function() return head(episode, mb.ones(6, 4)) end)
    spec.fails("support embeddings must be of different directions", function() return head(episode, mb.range(1, 6):unsqueeze(2) * mb.ones(1, 4)) end)
    spec.fails("split: an embedding is not finite", function() return head(episode, mb.randn(6, 4) / 0) end)
    spec.fails("wants the embeddings of 6 rows", function() return head(episode, mb.randn(5, 4)) end)
  end)
end

test("ridge and svm refuse a λ and a C of 0", function()
  spec.fails("ridge: lambda must be a number over 0, got 0", function() return head_of("ridge", { lambda = 0 }) end)
  spec.fails("svm: c must be a number over 0, got -1", function() return head_of("svm", { c = -1 }) end)
  spec.fails("svm: ridge must be a number of at least 0, got -5", function() return head_of("svm", { ridge = -5 }) end)
  spec.fails("ridge: lambda must be a number over 0, got a table", function() return head_of("ridge", { lambda = {} }) end)
  spec.fails("ridge: calibration must be a module or a function of the logits, got a number", function() return head_of("ridge", { calibration = 3 }) end)
  spec.fails("ridge: options must be a table, got 5", function() return head_of("ridge", 5) end)
end)

test("a call without an episode, and a head that is none, are told", function()
  local episode = episode_of(3, 1, 1)
  spec.fails("head(episode, embeddings)", function() return head_of("ridge")(mb.randn(6, 4)) end)
  spec.fails("byol: wants an episode, predictions, and the target network's embeddings", function()
    return require "moonburn.heads.byol".loss(episode, mb.randn(6, 4))
  end)
  spec.fails("head must be nt_xent, prototypes, ridge or svm, got 'byol'", function() return require "moonburn.heads.named"("byol", {}) end)
end)

test("accuracy is the share of queries that find their class", function()
  local episode, head = episode_of(2, 1, 2), head_of("prototypes")
  local z = mb.tensor { { 1.0, 0.0 }, { 0.0, 1.0 }, { 0.9, 0.1 }, { 0.1, 0.9 }, { 0.2, 0.8 }, { 0.3, 0.7 } }
  spec.near(head.accuracy(episode, z):item(), 0.75)
end)

test("labels in any order give the loss that view-major rows give", function()
  local z, order = mb.randn(12, 7), { 4, 1, 6, 2, 5, 3 }
  local labels = mb.tensor { 1, 2, 3, 1, 2, 3 }:index_select(1, order)
  local images = mb.zeros(6, 3, 1, 1)
  local plain = mb.episode.of { support = images, query = images, ways = 3 }
  local labelled = mb.episode.of { support = images, query = images, ways = 3, support_labels = labels, query_labels = labels }
  local shuffled = mb.cat { z:slice(1, 1, 6):index_select(1, order), z:slice(1, 7, 12):index_select(1, order) }
  for _, name in ipairs { "prototypes", "ridge", "svm" } do
    local head = head_of(name)
    spec.near(head(labelled, shuffled):item(), head(plain, z):item(), 1e-4)
  end
  for _, name in ipairs { "nt_xent", "byol" } do
    local loss = name == "byol" and require "moonburn.heads.byol".loss or head_of(name)
    spec.fails(name .. ": wants an episode whose rows are view-major", function() return loss(labelled, z, z) end)
  end
end)

test("a mixed loss is λ of the own and 1 − λ of the partners', for heads and for BYOL", function()
  local tricks = require "moonburn.tricks"
  local images = mb.rand(5, 3, 8, 8)
  local plain = mb.episode.of { support = images, query = images, ways = 5 }
  local mixed = plain:mix_queries { cutmix = 0 }
  local z, weight = mb.randn(10, 6), mixed.mix_weight
  for _, name in ipairs(heads) do
    local head = head_of(name)
    local want = weight * head(plain, z) + (1 - weight) * head(plain, mixed:partners(z))
    spec.near(tricks.mixed(head)(mixed, z):item(), want:item())
    spec.near(tricks.mixed(head)(plain, z):item(), head(plain, z):item())
  end
  local byol, target = require "moonburn.heads.byol".loss, mb.randn(10, 6)
  local want = weight * byol(plain, z, target) + (1 - weight) * byol(plain, mixed:partners(z), mixed:partners(target))
  spec.near(tricks.mixed(byol)(mixed, z, target):item(), want:item())
end)
