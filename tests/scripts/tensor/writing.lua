local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local x = mb.zeros(2, 3)
local at = mb.tensor { { 1, 3 } }

test("the tensor itself never changes", function()
  spec.equal(x:scatter(2, at, 1), { { 1, 0, 1 }, { 0, 0, 0 } })
  spec.equal(x:index_add(1, { 2, 2 }, mb.ones(2, 3)), { { 0, 0, 0 }, { 2, 2, 2 } })
  spec.equal(x, { { 0, 0, 0 }, { 0, 0, 0 } })
end)

test("of positions that repeat the last one is written, and has the gradient", function()
  local source = mb.tensor({ 1.0, 2.0, 4.0 }):requires_grad()
  local own = mb.ones(3):requires_grad()
  for _, written in ipairs {
    own:scatter(1, mb.tensor { 2, 2, 1 }, source),
    own:index_copy(1, { 2, 2, 1 }, source),
    own:index_put({ mb.tensor { 2, 2, 1 } }, source),
  } do
    spec.equal(written, { 4, 2, 1 })
    local gradients = mb.grad((written * mb.tensor { 3.0, 5.0, 7.0 }):sum(), { own, source })
    spec.equal(gradients[1], { 0, 0, 7 })
    spec.equal(gradients[2], { 0, 5, 3 })
  end
end)

test("many small values add up as they would in float64", function()
  local sum = mb.zeros(1):index_add(1, mb.ones(100000):cast("int32"), mb.full({ 100000 }, 0.1))
  spec.near(sum, { 10000 }, 1e-6)
end)

test("positions are ints, fit, and are inside", function()
  local source = mb.ones(1, 2)
  spec.fails("scatter: wants an int32 tensor, got float32", function() return x:scatter(2, mb.ones(1, 2), source) end)
  spec.fails("scatter: position 4 is out of range: there are 3", function() return x:scatter(2, at + 1, source) end)
  spec.fails("scatter_add: position 0 is out of range: there are 3; positions count from 1, the first", function()
    return x:scatter_add(2, at - 1, source)
  end)
  spec.fails("scatter: [2, 3] and [3, 1] do not fit: positions have as many dims", function()
    return x:scatter(2, mb.tensor { { 1 }, { 1 }, { 1 } }, 1)
  end)
  spec.fails("scatter: [1, 1] and [1, 2] do not fit: positions have as many dims as the source", function()
    return x:scatter(2, at, mb.ones(1, 1))
  end)
  spec.fails("index_add: wants a source [2, 1], a slice for each position, got shape [1, 2]", function()
    return x:index_add(2, { 1 }, source)
  end)
  spec.fails("index_copy: position 3 is out of range: there are 2", function() return x:index_copy(1, { 3 }, mb.ones(1, 3)) end)
  spec.fails("index_fill: positions must have 1 dim, got shape [1, 2]", function() return x:index_fill(2, at, 1) end)
end)

test("positions of several dims broadcast, and masks have the sizes of their dims", function()
  local rows, mask = mb.tensor { 1, 2 }, mb.tensor { true, false, true }
  spec.equal(x:index_put({ rows:unsqueeze(2), mb.tensor { { 3, 1 } } }, 1), { { 1, 0, 1 }, { 1, 0, 1 } })
  spec.equal(x:index_put({ rows, mask }, mb.tensor { 5.0, 7.0 }), { { 5, 0, 0 }, { 0, 0, 7 } })
  spec.equal(x:index_put({ x:eq(0) }, 2), { { 2, 2, 2 }, { 2, 2, 2 } })
  spec.equal(x:index_put({ mb.tensor { false, false } }, 2), { { 0, 0, 0 }, { 0, 0, 0 } })
  spec.fails("index_put: [2, 3] and [3] do not fit: a mask has the sizes of the dims from 1 on", function() return x:index_put({ mask }, 1) end)
  spec.fails("index_put: the number of positions must be at most 2, one for each dim, got 3", function()
    return x:index_put({ rows, rows, rows }, 1)
  end)
  spec.fails("index_put: shapes differ: [2] and [3]", function() return x:index_put({ rows, mb.tensor { 1, 2, 3 } }, 1) end)
  spec.fails("index_put: [3] and [2] do not fit: the values must broadcast to the positions", function()
    return x:index_put({ rows, rows }, mb.ones(3))
  end)
end)

test("a source fits what it is written to", function()
  local ints = mb.tensor { 1, 2, 3 }
  spec.fails("index_copy: wants an int32 tensor, got float32", function() return ints:index_copy(1, { 1 }, mb.ones(1)) end)
  spec.fails("scatter: wants an int32 tensor, got float32", function() return ints:scatter(1, ints, 0.5) end)
  spec.fails("index_add: wants a float32 tensor, got bool", function() return ints:gt(1):index_add(1, { 1 }, ints:slice(1, 1, 1):gt(0)) end)
  spec.fails("scatter_reduce: wants a float32 tensor, got int32", function() return ints:scatter_reduce(1, ints, ints, "sum") end)
  spec.fails("scatter_reduce: unknown reduction 'max'", function() return x:scatter_reduce(2, at, mb.ones(1, 2), "max") end)
  spec.equal(mb.zeros(3):index_copy(1, { 2 }, mb.tensor { 7 }), { 0, 7, 0 })
end)

test("a mask is bool, fits, and takes no more than there is", function()
  spec.fails("masked_select: wants a bool tensor, got float32", function() return x:masked_select(x) end)
  spec.fails("masked_select: shapes differ: [2, 3] and [2]", function() return x:masked_select(mb.tensor { true, false }) end)
  spec.fails("masked_scatter: a source of at least 6 elements, as many as the mask takes, got shape [5]", function()
    return x:masked_scatter(x:eq(0), mb.ones(5))
  end)
end)
