-- How episodes are built and changed.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local nothing = mb.augment.chain {}

local function images(count) return mb.rand(count, 3, 4, 4) end

test("an episode of one's own says what it is", function()
  local episode = mb.episode.of { support = images(6), query = images(9), ways = 3 }
  spec.equal({ episode.ways, episode.shots, episode.queries, episode.tasks, episode.views, #episode }, { 3, 2, 3, 1, 5, 15 })
  spec.equal(episode.support_labels, { { 1, 2, 3, 1, 2, 3 } })
  spec.equal(episode.query_labels, { { 1, 2, 3, 1, 2, 3, 1, 2, 3 } })
  spec.equal(tostring(episode), "1 task of 3 ways, 2 shots and 3 queries each, images [15, 3, 4, 4]")
  spec.holds(episode.layout:find("support before queries"))
  spec.equal(episode.classes, nil)
  spec.equal(episode.support_images.shape, { 1, 6, 3, 4, 4 })
  spec.equal(mb.cat({ episode.support_images[1], episode.query_images[1] }), episode.images)
end)

test("labels of one's own may be in any order and number", function()
  local episode = mb.episode.of {
    support = images(4), query = images(3), ways = 2,
    support_labels = mb.tensor { 2, 1, 1, 1 }, query_labels = mb.tensor { 2, 2, 1 },
  }
  spec.equal(episode.view_major, false)
  local cycling = mb.tensor { 1, 2, 1, 2 }
  local major = mb.episode.of { support = images(4), query = images(4), ways = 2, support_labels = cycling, query_labels = cycling }
  spec.equal(major.view_major, true)
  spec.equal(episode.query_labels, { { 2, 2, 1 } })
end)

test("parts that do not fit are errors", function()
  local function fails(text, parts) spec.fails(text, function() return mb.episode.of(parts) end) end
  fails("of: shapes differ: [2, 3, 4, 4] and [2, 3, 5, 4]", { support = images(2), query = mb.rand(2, 3, 5, 4), ways = 2 })
  fails("the number of support images must be a multiple of the 2 ways, got 3", { support = images(3), query = images(2), ways = 2 })
  fails("the number of query images must be a multiple of the 2 ways, got 5", { support = images(2), query = images(5), ways = 2 })
  fails("ways must be at least 2, got 1", { support = images(2), query = images(2), ways = 1 })
  fails("ways must be a positive integer, got -3", { support = images(2), query = images(2), ways = -3 })
  fails("label 3 is out of range: there are 2 classes", { support = images(2), query = images(2), ways = 2, query_labels = mb.tensor { 1, 3 } })
  fails("label 0 is out of range", { support = images(2), query = images(2), ways = 2, support_labels = mb.tensor { 0, 1 } })
  fails("class 2 of task 1 has no support images, but query ones", { support = images(2), query = images(2), ways = 2, support_labels = mb.tensor { 1, 1 } })
  fails("wants 2 query labels, one for each image, got shape [3]", { support = images(2), query = images(2), ways = 2, query_labels = mb.tensor { 1, 2, 1 } })
  fails("ways must be at most the 2 support images of a task, got 1000000000", { support = images(2), query = images(2), ways = 1000000000 })
  fails("of: wants a float32 tensor, got int32", { support = mb.range(1, 96):reshape(2, 3, 4, 4), query = images(2), ways = 2 })
  fails("unknown option 'suport'; did you mean 'support'?", { suport = images(2), query = images(2), ways = 2 })
end)

test("split gives support and queries of each task", function()
  local episode = mb.episode.of { support = mb.rand(2, 3, 3, 4, 4), query = mb.rand(2, 6, 3, 4, 4), ways = 3 }
  local z = mb.randn(18, 5)
  local support, query = episode:split(z)
  spec.equal(support, mb.stack { z:slice(1, 1, 3), z:slice(1, 10, 12) })
  spec.equal(query, mb.stack { z:slice(1, 4, 9), z:slice(1, 13, 18) })
end)

test("MixUp averages queries with partners, and leaves the support alone", function()
  local support, query = images(4), images(4)
  local mixed = mb.episode.of { support = support, query = query, ways = 4 }:mix_queries { cutmix = 0 }
  local weight = mixed.mix_weight
  spec.holds(weight > 0 and weight < 1)
  spec.equal(mixed.images:slice(1, 1, 4), support)
  -- The partners' order puts each query's embedding where its partner stands: undone, it gives the partners.
  local order = mixed:partners(mb.range(1, 8):cast("float32"):unsqueeze(2)):reshape(-1):cast("int32"):slice(1, 5, 8) - 4
  local partners = {}
  for place, row in ipairs(order:to_table()) do partners[row] = place end
  spec.near(mixed.images:slice(1, 5, 8), weight * query + (1 - weight) * query:index_select(1, partners))
end)

test("CutMix pastes boxes of the partners, and its weight is what is left of the image", function()
  local black, white = mb.zeros(2, 3, 10, 10), mb.ones(2, 3, 10, 10)
  local query = mb.cat({ black:slice(1, 1, 1), white:slice(1, 1, 1) })
  local seen = false
  for _ = 1, 8 do
    local mixed = mb.episode.of { support = black, query = query, ways = 2 }:mix_queries { cutmix = 1 }
    local own = mixed.images:slice(1, 4, 4):mean():item()
    -- Either the two were exchanged, or each is its own partner.
    local exchanged = mixed.images:slice(1, 3, 3):mean():item() > 0
    if exchanged then spec.near(own, mixed.mix_weight) end
    seen = seen or exchanged
  end
  spec.holds(seen)
end)

test("what is mixed or rotated once is not again, and p lies in 0..1", function()
  local episode = mb.episode.of { support = images(2), query = images(2), ways = 2 }
  spec.fails("cutmix must be from 0 to 1, got 1.5", function() return episode:mix_queries { cutmix = 1.5 } end)
  spec.fails("fraction must be over 0 and at most 1, got 0", function() return episode:rotate_views { fraction = 0 } end)
  spec.fails("the queries are mixed already", function() return episode:mix_queries():mix_queries() end)
  spec.fails("mix before rotating views", function() return episode:rotate_views():mix_queries() end)
  spec.fails("the views are rotated already", function() return episode:rotate_views():rotate_views() end)
  spec.fails("wants square images", function()
    return mb.episode.of { support = mb.rand(2, 3, 4, 5), query = mb.rand(2, 3, 4, 5), ways = 2 }:rotate_views()
  end)
end)

test("rotated views say which they are and how far they were turned", function()
  local episode = mb.episode.of { support = images(8), query = images(8), ways = 8 }
  local rotated = episode:rotate_views { fraction = 0.5 }
  spec.equal(rotated.rotated_rows.shape, { 8 })
  local function turn(image, quarters)
    for _ = 2, quarters do image = image:transpose(2, 3):flip(2) end
    return image
  end
  local turns = {}
  for i, row in ipairs(rotated.rotated_rows:to_table()) do turns[row] = rotated.rotations[i]:item() end
  for row = 1, #episode do
    spec.equal(rotated.images[row], turn(episode.images[row], turns[row] or 1))
  end
end)

test("negative counts and a fraction that is none are errors of few_shot and views", function()
  local set = mb.data.images("shapes", { count = 50 })
  spec.fails("shots must be a positive integer, got -1", function() return mb.episode.few_shot(set, { shots = -1 }) end)
  spec.fails("queries must be a positive integer, got 0", function() return mb.episode.few_shot(set, { queries = 0 }) end)
  spec.fails("rotate must be from 0 to 1, got 2", function() return mb.episode.few_shot(set, { rotate = 2 }) end)
  spec.fails("rotations must be from 1 to 4, got 5", function() return mb.episode.few_shot(set, { rotations = 5 }) end)
  spec.fails("ways must be at most 10, the number of classes with 4 images (of 10 classes, the smallest has 5), got 11", function()
    return mb.episode.few_shot(set, { ways = 11, queries = 3 })
  end)
  spec.fails("ways must be at most 0, the number of classes with 16 images (of 10 classes, the smallest has 5), got 5", function()
    return mb.episode.few_shot(set)
  end)
end)
