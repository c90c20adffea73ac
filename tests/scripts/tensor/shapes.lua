local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local x = mb.zeros(2, 3)

test("a size of -1 is worked out", function()
  spec.equal(x:reshape(-1).shape, { 6 })
  spec.equal(x:reshape(3, -1).shape, { 3, 2 })
  spec.equal(x:reshape(-1, 6).shape, { 1, 6 })
end)

test("a size of -1 of expand is the one that there is", function()
  local column = mb.tensor { { 1 }, { 2 } }
  spec.equal(column:expand(-1, 3).shape, { 2, 3 })
  spec.equal(column:expand(4, -1, -1).shape, { 4, 2, 1 })
  spec.equal(mb.zeros(0, 1):expand(-1, 2).shape, { 0, 2 })
  spec.fails("expand: sizes must be at least 0 for a dim that is added in front, got [-1, 2, 1]", function() return column:expand(-1, 2, 1) end)
  spec.fails("expand: sizes must be -1 or at least 0, got -2", function() return column:expand(2, -2) end)
  spec.fails("expand: [2, 1] and [2] do not fit", function() return column:expand(-1) end)
end)

test("a shape that does not fit names both", function()
  spec.fails("reshape: [2, 3] and [4] do not fit: 6 elements do not become 4", function() return x:reshape(4) end)
  spec.fails("reshape: cannot become [-1, 4], got shape [2, 3]", function() return x:reshape(-1, 4) end)
  spec.fails("reshape: cannot become [-1, -1], got shape [2, 3]", function() return x:reshape(-1, -1) end)
  spec.fails("reshape: cannot become [0, -1], got shape [2, 3]", function() return x:reshape(0, -1) end)
  spec.fails("expand: [2, 3] and [4, 3] do not fit: only a dim of 1 stretches, and dims are added in front", function() return x:expand(4, 3) end)
  spec.fails("squeeze: dim 1 must be 1, got shape [2, 3]", function() return x:squeeze(1) end)
  spec.fails("cat: [2, 3] and [3, 2] do not fit: only dim 1 may differ", function() return mb.cat { x, x:transpose() } end)
  spec.fails("stack: shapes differ: [2, 3] and [3, 2]", function() return mb.stack { x, x:transpose() } end)
  spec.fails("matmul: [2, 3] and [2, 3] do not fit: the last dim of the first (3) must be the last but one of the second (2); it would fit with the second transposed", function() return x:matmul(x) end)
  spec.fails("matmul: [2, 3] and [2] do not fit: the last dim of the first (3) must be the size of the second (2)", function() return x:matmul(mb.zeros(2)) end)
end)

test("permute names every dim once", function()
  spec.equal(x:permute(-1, 1).shape, { 3, 2 })
  spec.fails("permute: order must be every dim of 1 to 2 once, got [1, 1]", function() return x:permute(1, 1) end)
  spec.fails("permute: order must be every dim of 1 to 2 once, got [1]", function() return x:permute(1) end)
end)

test("a dim that does not exist names the range", function()
  for _, dim in ipairs { 0, 3, 7, -3, -8 } do
    spec.fails("sum: dim " .. dim .. " is out of range: 1 to 2, or -1 to -2", function() return x:sum(dim) end)
    spec.fails("flip: dim " .. dim .. " is out of range", function() return x:flip(dim) end)
    spec.fails("softmax: dim " .. dim .. " is out of range", function() return x:softmax(dim) end)
    spec.fails("argmax: dim " .. dim .. " is out of range", function() return x:argmax(dim) end)
    spec.fails("cat: dim " .. dim .. " is out of range", function() return mb.cat({ x, x }, dim) end)
  end
  spec.fails("unsqueeze: dim 4 is out of range: 1 to 3, or -1 to -3", function() return x:unsqueeze(4) end)
end)

test("a scalar has no dims", function()
  local scalar = mb.tensor(2.0)
  spec.fails("sum: dim 1 is out of range: a scalar has none", function() return scalar:sum(1) end)
  spec.fails("argmax: dim -1 is out of range: a scalar has none", function() return scalar:argmax() end)
  spec.fails("transpose: wants at least 2 dims, got shape []", function() return scalar:transpose() end)
  spec.fails("len: a scalar has no length", function() return #scalar end)
  spec.fails("cat: dim 1 is out of range: a scalar has no dims", function() return mb.cat { scalar, scalar } end)
end)

test("there are at most 6 dims", function()
  local full = mb.zeros(1, 1, 1, 1, 1, 1)
  spec.fails("unsqueeze: a tensor has at most 6 dims", function() return full:unsqueeze(1) end)
  spec.fails("stack: a tensor has at most 6 dims", function() return mb.stack { full, full } end)
  spec.fails("zeros: a tensor has at most 6 dims", function() return mb.zeros(1, 1, 1, 1, 1, 1, 1) end)
  spec.fails("one_hot: a tensor has at most 6 dims", function() return full:add(1):cast("int32"):one_hot(2) end)
end)

test("a result that no tensor has room for is an error, not an abort", function()
  local tall, wide = mb.zeros(60000, 1), mb.zeros(1, 60000)
  local too_many = "a tensor has at most 2147483647 elements, got shape [60000, 60000]"
  spec.fails("add: " .. too_many, function() return tall + wide end)
  spec.fails("eq: " .. too_many, function() return tall:eq(wide) end)
  spec.fails("maximum: " .. too_many, function() return tall:maximum(wide) end)
  spec.fails("matmul: " .. too_many, function() return tall:matmul(wide) end)
  spec.fails("expand: " .. too_many, function() return tall:expand(60000, 60000) end)
  spec.fails("zeros: a tensor has at most 2147483647 elements", function() return mb.zeros(100000, 100000) end)
  spec.fails("zeros: a tensor has at most 2147483647 elements", function() return mb.zeros(1 << 62, 1 << 62) end)
  spec.fails("rand: a tensor has at most", function() return mb.rand(100000, 100000) end)
  spec.fails("arange: a tensor has at most", function() return mb.arange(-2147483648, 2147483647) end)
  spec.fails("one_hot: a tensor has at most", function() return mb.tensor({ 1, 2 }):one_hot(1 << 62) end)
end)
