local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local nan, inf = 0 / 0, math.huge

test("sorting is stable, both ways and along any dim", function()
  local x = mb.tensor { 1, 0, 1, 0, 1 }
  spec.equal(select(2, x:sort()), { 2, 4, 1, 3, 5 })
  spec.equal(x:argsort(1, { descending = true }), { 1, 3, 5, 2, 4 })
  local values = mb.tensor({ { 3.0, 1.0 }, { 2.0, 4.0 } }):sort(1)
  spec.equal(values, { { 2, 1 }, { 3, 4 } })
end)

test("ints sort exactly, and their smallest are found", function()
  local x = mb.tensor { 16777217, 16777216, -2147483648, 2147483647 }
  spec.equal((x:sort()), { -2147483648, 16777216, 16777217, 2147483647 })
  spec.equal((x:topk(2)), { 2147483647, 16777217 })
  local values, positions = x:topk(2, 1, { largest = false })
  spec.equal(values, { -2147483648, 16777216 })
  spec.equal(positions, { 3, 2 })
  spec.equal(values.dtype, "int32")
end)

test("where an extreme is comes with it, of equals the first", function()
  local values, positions = mb.tensor({ { 1, 5, 5 }, { 7, 2, 7 } }):max_with_positions()
  spec.equal(values, { 5, 7 })
  spec.equal(positions, { 2, 1 })
  values, positions = mb.tensor({ { 1.0, nan }, { 0.5, 2.0 } }):min_with_positions(1, true)
  spec.near(values, { { 0.5, nan } })
  spec.equal(positions, { { 2, 1 } })
end)

test("the median of all elements is alone, along a dim its position comes second", function()
  spec.equal(select("#", mb.tensor({ 1, 2 }):median()), 1)
  spec.equal(select("#", mb.tensor({ 1, 2 }):median(1)), 2)
  spec.equal(mb.tensor({ { 4, 3 }, { 2, 1 } }):median(nil, true).shape, { 1, 1 })
end)

test("quantiles between infinities and of equals are what they are next to", function()
  spec.equal(mb.tensor({ inf, inf, 1.0 }):quantile({ 0.75, 1 }), { inf, inf })
  spec.equal(mb.tensor({ -inf, 0.0 }):quantile(0.5):item(), -inf)
  spec.equal(mb.tensor({ 0.1, 0.1 }):quantile(0.3):item(), mb.tensor(0.1):item())
end)

test("what is no place in an order", function()
  local x = mb.ones(2, 3)
  spec.fails("kthvalue: k must be 1 to 3, got 4", function() return x:kthvalue(4) end)
  spec.fails("kthvalue: k must be a positive integer, got 0", function() return x:kthvalue(0) end)
  spec.fails("topk: k must be 0 to 2, got 3", function() return x:topk(3, 1, { largest = false }) end)
  spec.fails("sort: dim 3 is out of range: 1 to 2, or -1 to -2", function() return x:sort(3) end)
  spec.fails("sort: unknown option 'descend'; did you mean 'descending'?", function() return x:sort(1, { descend = true }) end)
  spec.fails("topk: unknown option 'smallest'", function() return x:topk(1, 1, { smallest = true }) end)
  spec.fails("sort: dim -1 is out of range: a scalar has none", function() return mb.tensor(1.0):sort() end)
  spec.fails("quantile: q must be 0 to 1, got 1.5", function() return x:quantile(1.5) end)
  spec.fails("quantile: q must be 0 to 1, got NaN", function() return x:quantile(nan) end)
  spec.fails("quantile: q must be at least one number, got none", function() return x:quantile {} end)
  spec.fails("quantile: q must be a number, a list or a tensor, got true", function() return x:quantile(true) end)
  spec.fails("q has at most 1 dim, got shape [1, 1]", function() return x:quantile(mb.ones(1, 1)) end)
  spec.fails("quantile: unknown interpolation 'closest'", function()
    return x:quantile(0.5, 1, false, { interpolation = "closest" })
  end)
end)

test("labels are counted from 1, and others are errors", function()
  local labels = mb.tensor { { 1, 3 }, { 3, 3 } }
  spec.equal(labels:bincount(4), { 1, 0, 3, 0 })
  spec.equal(labels:bincount(3, mb.tensor { { 0.5, 1.0 }, { 2.0, 4.0 } }), { 0.5, 0, 7 })
  spec.equal(labels:bincount(3, labels).dtype, "float32")
  spec.fails("bincount: label 3 is out of range: there are 2 classes", function() return labels:bincount(2) end)
  spec.fails("bincount: label 0 is out of range: there are 2 classes", function() return mb.tensor({ 0, 1 }):bincount(2) end)
  spec.fails("bincount: shapes differ: [2, 2] and [4]", function() return labels:bincount(3, mb.ones(4)) end)
  spec.fails("bincount: wants an int32 tensor, got float32", function() return mb.ones(2):bincount(3) end)
end)

test("what is searched is sorted, and fits what is looked for", function()
  local sorted = mb.tensor { 1.0, 2.0, 2.0, 5.0 }
  spec.equal(mb.searchsorted(sorted, 2):item(), 2)
  spec.equal(mb.searchsorted(sorted, 2, { right = true }):item(), 4)
  spec.equal(mb.searchsorted(sorted, mb.tensor { { 0.0 }, { 9.0 } }), { { 1 }, { 5 } })
  spec.fails("searchsorted: sorted must be in ascending order along its last dim", function()
    return mb.searchsorted(mb.tensor { 2, 1 }, 1)
  end)
  spec.fails("searchsorted: [2, 3] and [3, 2] do not fit: what is searched has 1 dim", function()
    return mb.searchsorted(mb.ones(2, 3), mb.ones(3, 2))
  end)
  spec.fails("searchsorted", function() return mb.searchsorted(mb.tensor(1.0), 2) end)
end)

test("unique adds what is asked for", function()
  local x = mb.tensor { { 3, 1 }, { 3, 2 } }
  spec.equal(select("#", x:unique()), 1)
  local values, inverse, counts = x:unique { inverse = true, counts = true }
  spec.equal(values, { 1, 2, 3 })
  spec.equal(inverse, { { 3, 1 }, { 3, 2 } })
  spec.equal(counts, { 1, 1, 2 })
  spec.equal(values:select(1, inverse:flatten()):reshape(2, 2), x)
end)

test("a histogram has a range", function()
  spec.fails("histc: the range must be finite, with min at most max, got 2 to 1", function() return mb.ones(3):histc(2, 2, 1) end)
  spec.fails("histc: the range must be finite", function() return mb.tensor({ inf, 1.0 }):histc(2) end)
  spec.equal(mb.tensor({ 1, 1 }):histc(2), { 0, 2 })
end)
