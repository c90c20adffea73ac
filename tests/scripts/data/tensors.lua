-- Data sets of tensors, of a function and that grow, where they need no name in a session. What lasts of them is tested
-- by tests/library/datasets.rs.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local function fails(text, body) spec.fails(text, body) end

test("a pass goes from the first item to the last, with tensors of any formats and shapes", function()
  local data = mb.data.from {
    x = mb.range(1, 5), image = mb.randn(5, 3, 2, 2), truth = mb.tensor { true, false, true, false, true },
    wide = mb.zeros({ 5, 1 }, "float64"),
  }
  spec.equal({ #data, data:count(), data:steps(2) }, { 5, 5, 2 })
  local seen = {}
  for batch in data:batches { batch = 2 } do
    seen[#seen + 1] = batch.x:to_table()
    spec.equal(batch.image.shape, { #batch.x, 3, 2, 2 })
    spec.equal({ batch.truth.dtype, batch.wide.dtype }, { "bool", "float64" })
  end
  spec.equal(seen, { { 1, 2 }, { 3, 4 }, { 5 } })
  local count = 0
  for _ in data:batches { batch = 2, drop_last = true } do count = count + 1 end
  for _ in data:batches { batch = 2 } do count = count + 10 break end
  spec.equal(count, 12)
end)

test("items are picked by position and drawn at random", function()
  local data = mb.data.from { x = mb.range(1, 5) }
  spec.equal(data:pick({ 5, 1, 1 }).x, { 5, 1, 1 })
  spec.equal(data:pick(mb.tensor { 2, 3 }).x, { 2, 3 })
  spec.equal(data:sample(5, { replacement = false }).x:sort(1), { 1, 2, 3, 4, 5 })
  local counts = data:sample(1000).x:bincount(5)
  spec.holds(counts:min():item() > 100 and counts:sum():item() == 1000)
  spec.holds(not data:sample(20).x:equal(data:sample(20).x), "each call draws others")
  fails("pick: item 6 is out of range: there are 5 items", function() data:pick { 6 } end)
  fails("pick: item 0 is out of range: positions count from 1", function() data:pick { 0 } end)
  fails("pick: positions must be at least one, got none", function() data:pick {} end)
  fails("sample: count must be from 1 to the 5 items of the data set, got 6", function() data:sample(6, { replacement = false }) end)
  fails("sample: count must be a positive integer, got 0", function() data:sample(0) end)
end)

test("labels keep the names of their classes", function()
  local labels = mb.data.images("shapes", { count = 20 }):labels()
  local data = mb.data.from { label = labels }
  spec.equal(data:sample(3).label.classes, labels.classes)
end)

test("an order belongs to a name in a session", function()
  local data = mb.data.from { x = mb.range(1, 5) }
  local text = "a data set has an order once it has a name: session.NAME = mb.data.from(…)"
  fails("next: " .. text, function() data:next(2) end)
  fails("batches: " .. text, function() data:batches { batch = 2, shuffle = true } end)
  spec.equal(data:epoch(), 1)
end)

test("tensors that make no items are told", function()
  fails("from: y must be of 2 rows, as x, got [3, 1]", function() mb.data.from { x = mb.zeros(2), y = mb.zeros(3, 1) } end)
  fails("from: x must be a tensor with a row for each item, got a scalar", function() mb.data.from { x = mb.tensor(1.0) } end)
  fails("from: the tensors must be at least one, got none", function() mb.data.from {} end)
  fails("from: source must be a table by name, got 1", function() mb.data.from { mb.zeros(2) } end)
  fails("from: a name must be without dots and not empty, got 'a.b'", function() mb.data.from { ["a.b"] = mb.zeros(2) } end)
  fails("from: source must be a table of tensors by name, or a function(index, draw), got the string 'shapes'", function() mb.data.from "shapes" end)
  fails("from: source[x] must be", function() mb.data.from { x = 3 } end)
  fails("from: count must be left out for tensors, whose rows are counted, got 3", function() mb.data.from({ x = mb.zeros(2) }, { count = 3 }) end)
  fails("from: capacity must be from 1 to 2147483647, got", function() mb.data.from({}, { capacity = 3000000000 }) end)
  fails("batches: batch must be a positive integer, got 0", function() mb.data.from({ x = mb.zeros(2) }):batches { batch = 0 } end)
  fails("batches: batch must be from 1 to the 2 items of the data set, got 3", function() mb.data.from({ x = mb.zeros(2) }):batches { batch = 3, drop_last = true } end)
  fails("batches: batch must be given, got nothing", function() mb.data.from({ x = mb.zeros(2) }):batches {} end)
  fails("steps: batch must be from 1 to the 2 items of the data set, got 3", function() mb.data.from({ x = mb.zeros(2) }):steps(3) end)
end)

test("a function computes the items that are drawn", function()
  local data = mb.data.from(function(index, draw) return { index = index, x = mb.full({ 2 }, index), noise = draw:uniform() } end, { count = 6 })
  local batch = data:pick { 4, 2 }
  spec.equal(batch.index, { 4, 2 })
  spec.equal(batch.x, { { 4, 4 }, { 2, 2 } })
  -- The numbers of an item do not depend on the batch that it is in.
  local all, parts = {}, {}
  for each in data:batches { batch = 6 } do all = each.noise:to_table() end
  for each in data:batches { batch = 1 } do parts[#parts + 1] = each.noise:item() end
  spec.equal(parts, all)
  spec.holds(all[1] ~= all[2])
end)

test("the numbers of an item lie in their ranges", function()
  local data = mb.data.from(function(_, draw)
    return {
      uniform = draw:uniform(2, 3), normal = draw:normal(10, 0.1), integer = draw:randint(-2, 4),
      rand = draw:rand(2, 3), randn = draw:randn { 4 },
    }
  end, { count = 500 })
  local batch = data:sample(500)
  spec.holds(batch.uniform:min():item() >= 2 and batch.uniform:max():item() < 3)
  spec.near(batch.normal:mean():item(), 10, 1e-2)
  spec.equal({ batch.integer:min():item(), batch.integer:max():item() }, { -2, 4 })
  spec.equal({ batch.rand.shape, batch.randn.shape }, { { 500, 2, 3 }, { 500, 4 } })
  spec.near(batch.randn:std():item(), 1, 0.1)
  spec.holds(batch.rand:min():item() >= 0 and batch.rand:max():item() < 1)
end)

test("a function that gives no item is told", function()
  local function of(f) return function() mb.data.from(f, { count = 3 }):pick { 1, 2 } end end
  fails("from: count must be the number of the function's items, got nothing", function() mb.data.from(function() end) end)
  fails("from: capacity must be left out for a function, got 3", function() mb.data.from(function() end, { count = 2, capacity = 3 }) end)
  fails("from: what the function returns must be a table of tensors, numbers or lists by name, got nothing", of(function() end))
  fails("pick: x must be float32 [1], as in the first item, got float32 [2] in item 2", of(function(index) return { x = mb.zeros(index) } end))
  fails("pick: y must be in every item, got item 2: only x", of(function(index) return { x = 1, y = index == 1 and 2 or nil } end))
  fails("my own error", of(function() error "my own error" end))
  fails("randint: last must be from first, 3, and less than 2^32 - 1 beyond, got 2", of(function(_, draw) return { x = draw:randint(3, 2) } end))
  fails("tensors: the items of a function are computed when they are drawn", function() mb.data.from(function() end, { count = 1 }):tensors() end)
end)

test("a set with a capacity grows, then the newest take the place of the oldest", function()
  local data = mb.data.from({}, { capacity = 4 })
  spec.equal(#data, 0)
  fails("sample: the data set has no items yet", function() data:sample(1) end)
  for i = 1, 6 do data:append { x = { i, 0.5 }, count = i, done = i > 3 } end
  spec.equal(#data, 4)
  local all = data:tensors()
  spec.equal(all.x, { { 3, 0.5 }, { 4, 0.5 }, { 5, 0.5 }, { 6, 0.5 } })
  spec.equal({ all.count.dtype, all.done.dtype }, { "int32", "bool" })
  spec.equal(all.done, { false, true, true, true })
  spec.equal(data:pick({ 1, 4 }).count, { 3, 6 })
  data:extend { x = mb.zeros(3, 2), count = mb.range(7, 9), done = mb.ones(3, "bool") }
  spec.equal(data:tensors().count, { 6, 7, 8, 9 })
  local sizes = {}
  for batch in data:batches { batch = 3 } do sizes[#sizes + 1] = #batch.count end
  spec.equal(sizes, { 3, 1 })
end)

test("a pass goes through what is there when it begins, whatever is added meanwhile", function()
  local data = mb.data.from({ x = mb.range(1, 4) }, { capacity = 4 })
  local seen = {}
  for batch in data:batches { batch = 1 } do
    seen[#seen + 1] = batch.x:item()
    data:append { x = 10 + #seen }
  end
  spec.equal(seen, { 1, 2, 3, 4 })
  spec.equal(data:tensors().x, { 11, 12, 13, 14 })
  fails("batches: batch must be a positive integer, got 0", function() data:batches { batch = 0 } end)
end)

test("a ring of any capacity holds the newest in order, however many are added at once", function()
  for _, capacity in ipairs { 1, 3, 7, 40 } do
    for _, at_once in ipairs { 1, 2, 5, 50 } do
      local data = mb.data.from({}, { capacity = capacity })
      for first = 1, 60, at_once do
        local last = first + at_once - 1
        data:extend { x = mb.range(first, last) }
        spec.equal(data:tensors().x, mb.range(math.max(1, last - capacity + 1), last))
      end
    end
  end
end)

test("what was drawn before stays as it was, and what is added is a copy", function()
  local row = mb.tensor { 1.0, 2.0 }
  local data = mb.data.from({}, { capacity = 2 })
  data:append { x = row }
  local before = data:tensors().x
  row[1] = 7
  data:append { x = row }
  data:append { x = row }
  spec.equal(before, { { 1, 2 } })
  spec.equal(data:tensors().x, { { 7, 2 }, { 7, 2 } })
end)

test("items that are other than those before are told", function()
  local data = mb.data.from({ x = mb.zeros(2, 3), n = mb.range(1, 2), t = mb.ones(2, "bool") }, { capacity = 5 })
  local function append(item) return function() data:append(item) end end
  fails("append: unknown tensor 'y'; there are: n, t, x", append { x = mb.zeros(3), n = 1, t = true, y = 1 })
  fails("append: t must be given, as for the items before, got nothing", append { x = mb.zeros(3), n = 1 })
  fails("append: x must be [3] for each item, got [2]", append { x = mb.zeros(2), n = 1, t = true })
  fails("append: n must be int32, as that of the items before, got float32", append { x = mb.zeros(3), n = 0.5, t = true })
  fails("append: t must be bool, as that of the items before, got int32", append { x = mb.zeros(3), n = 1, t = 1 })
  fails("append: item must be a table by name, got the key 1", append { 1 })
  spec.equal(#data, 2)
  data:append { x = { 1, 2, 3 }, n = 4, t = false }
  spec.equal(data:tensors().x[3], { 1, 2, 3 })
  fails("append: only a data set with a capacity grows: mb.data.from({ … }, { capacity = … })", function() mb.data.from({ x = mb.zeros(2) }):append { x = 1 } end)
  fails("next: a data set that grows has no epochs; draw from it by data:sample(count)", function() data:next(1) end)
  fails("extend: x must be of 2 rows, as n, got [1, 3]", function() data:extend { n = mb.range(1, 2), x = mb.zeros(1, 3), t = mb.ones(2, "bool") } end)
end)

test("gradients do not flow into a data set", function()
  local x = mb.ones(2, 2):requires_grad()
  local data = mb.data.from { x = x * 2 }
  fails("", function() data:pick({ 1 }).x:sum():backward() end)
  spec.equal(data:pick({ 1 }).x, { { 2, 2 } })
end)
