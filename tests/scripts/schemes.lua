-- The episode schemes of scripts/moonburn/schemes, on images that need no session.
local mb = require "moonburn"
local spec = require "spec"
local families = require "moonburn.schemes.families"
local neighbours = require "moonburn.schemes.neighbours"
local difficulty = require "moonburn.schemes.difficulty"
local test = spec.test

local nothing = mb.augment.chain {}

-- What a batch of a data set does, for images [N, 3, H, W] at these positions. A view's number is its key.
local function batch_of(images, positions)
  local batch = table.move(positions, 1, #positions, 1, {})
  function batch:positions() return mb.tensor(positions) end
  function batch:views(augment, options)
    local views, own = {}, images:index_select(1, positions)
    for number = options.first or 1, (options.first or 1) + options.views - 1 do
      views[#views + 1] = augment:apply(own, number)
    end
    return mb.cat(views)
  end
  return batch
end

-- What a data set does, with images 1, 2, … as the next ones.
local function set_of(images)
  return {
    pick = function(_, positions) return batch_of(images, positions) end,
    next = function(_, count) return batch_of(images, mb.range(1, count):to_table()) end,
  }
end

-- What the session does at a step of a training of so many.
local function session_at(step, total)
  return { at = function(_, schedule) return schedule:at(step, total) end }
end

test("support views are of one family and query views of another, class by class", function()
  local images = mb.rand(5, 3, 8, 8)
  local grey, mirrored = mb.augment.grayscale { p = 1 }, mb.augment.horizontal_flip { p = 1 }
  local episode = families.episode(batch_of(images, { 4, 2, 5 }), { shots = 2, queries = 3 }, grey, mirrored)
  spec.equal({ episode.ways, episode.shots, episode.queries, #episode }, { 3, 2, 3, 15 })
  local own = images:index_select(1, { 4, 2, 5 })
  for shot = 1, 2 do
    local support = episode.images:slice(1, 3 * shot - 2, 3 * shot)
    spec.near(support, grey:apply(own), 1e-5)
  end
  for query = 3, 5 do spec.near(episode.images:slice(1, 3 * query - 2, 3 * query), own:flip(4), 1e-5) end
end)

test("no query view has the number of a support view", function()
  local seen = {}
  local batch = setmetatable({ views = function(_, _, options)
    for number = options.first or 1, (options.first or 1) + options.views - 1 do seen[#seen + 1] = number end
    return mb.zeros(2 * options.views, 3, 1, 1)
  end }, { __len = function() return 2 end })
  families.episode(batch, { shots = 3, queries = 2 }, nothing, nothing)
  spec.equal(seen, { 1, 2, 3, 4, 5 })
end)

test("the family of colours moves no edge, and that of geometry makes no colour", function()
  local o = { jitter = 1, grayscale = 0.5, crop = 0.3, size = 8 }
  -- The left half is one colour, the right half another.
  local left, right = mb.tensor { 0.2, 0.5, 0.7 }:reshape(1, 3, 1, 1), mb.tensor { 0.6, 0.3, 0.1 }:reshape(1, 3, 1, 1)
  local image = mb.cat({ left:expand(1, 3, 8, 4), right:expand(1, 3, 8, 4) }, 4)
  local plain = mb.full({ 1, 3, 8, 8 }, 0.4)
  for key = 1, 20 do
    local coloured = families.colour(o):apply(image, key)
    for _, half in ipairs { coloured:slice(4, 1, 4), coloured:slice(4, 5, 8) } do
      spec.near(half, half:slice(3, 1, 1):slice(4, 1, 1):expand(half.shape), 1e-5)
    end
    spec.near(families.geometry(o):apply(plain, key), plain, 1e-4)
  end
  local changed = (families.colour(o):apply(image, 1) - image):abs():sum():item()
  local moved = (families.geometry(o):apply(image, 1) - image):abs():sum():item()
  spec.holds(changed > 0.1 and moved > 0.1)
end)

test("the nearest neighbour is by cosine, is never the row itself, and does not depend on the parts", function()
  local features = mb.tensor { { 1.0, 0.0 }, { 5.0, 0.5 }, { 0.0, 1.0 }, { 0.1, 0.2 }, { -1.0, 0.0 }, { -1.0, 0.0 } }
  local want = { 2, 1, 4, 3, 6, 5 }
  for _, part in ipairs { 1, 2, 4, 5, 6, 100 } do spec.equal(neighbours.find(features, part), want) end
  spec.equal(neighbours.find(features), want)
end)

test("rows that are zero or the same still have another row as neighbour", function()
  for _, features in ipairs { mb.zeros(4, 3), mb.ones(4, 3) } do
    for row, nearest in ipairs(neighbours.find(features)) do spec.holds(nearest ~= row) end
  end
end)

test("a class is an image and its neighbour, in support and query alike", function()
  local images = mb.rand(6, 3, 4, 4)
  local episode = neighbours.episode(set_of(images), batch_of(images, { 6, 1 }), { 2, 1, 1, 1, 1, 3 }, { shots = 1, queries = 2 }, nothing)
  spec.equal({ episode.ways, episode.shots, episode.queries }, { 2, 2, 4 })
  spec.equal(episode.support_labels, { { 1, 2, 1, 2 } })
  spec.near(episode.images:slice(1, 1, 4), images:index_select(1, { 6, 1, 3, 2 }), 1e-5)
  spec.near(episode.images:slice(1, 5, 12), images:index_select(1, { 6, 1, 6, 1, 3, 2, 3, 2 }), 1e-5)
end)

test("no image is in two classes", function()
  local images = mb.rand(6, 3, 4, 4)
  -- 2 is the neighbour of 1, 3 and 4; 5 and 6 are each other's.
  local nearest = { 2, 1, 2, 2, 6, 5 }
  local episode = neighbours.episode(set_of(images), batch_of(images, { 3, 1, 2, 4, 6, 5 }), nearest, { shots = 1, queries = 1 }, nothing)
  spec.equal(episode.ways, 2)
  spec.near(episode.images:slice(1, 1, 4), images:index_select(1, { 3, 6, 2, 5 }), 1e-5)
end)

test("ways rise along a line to the batch, and the least crop falls", function()
  local o = { easy = 0.25, batch = 64, easy_crop = 0.8, crop = 0.2 }
  local before, crop_before = 0, 1
  for step = 1, 101 do
    local ways, crop = difficulty.at(session_at(step, 100), o)
    spec.holds(math.type(ways) == "integer" and ways >= before and crop < crop_before)
    before, crop_before = ways, crop
  end
  spec.near({ difficulty.at(session_at(1, 100), o) }, { 16, 0.8 })
  spec.near({ difficulty.at(session_at(51, 100), o) }, { 40, 0.5 })
  spec.near({ difficulty.at(session_at(101, 100), o) }, { 64, 0.2 })
end)

test("a task never has less than two ways", function()
  spec.equal((difficulty.at(session_at(1, 10), { easy = 0.01, batch = 4, easy_crop = 1, crop = 0.2 })), 2)
end)
