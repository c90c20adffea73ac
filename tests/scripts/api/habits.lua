-- What is written here for habits of PyTorch and of Python.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local x = mb.ones(2, 3)

test("a shape that is called says that it is a list", function()
  local told = "shape: it is a list, written without parentheses: t.shape; its first is t.shape[1]"
  spec.fails(told, function() return x.shape() end)
  spec.fails(told, function() return x:shape() end)
  spec.fails(told, function() return x.shape(1) end)
end)

test("a shape is a list as any other", function()
  local shape = x.shape
  spec.equal({ #shape, shape[1], shape[2], shape[3] == nil }, { 2, 2, 3, true })
  spec.equal(shape, { 2, 3 })
  spec.equal(table.concat(shape, " x "), "2 x 3")
  spec.equal({ table.unpack(shape) }, { 2, 3 })
  spec.equal(mb.zeros(shape).shape, mb.zeros(2, 3).shape)
  spec.equal(x:reshape(shape).shape, shape)
  local count = 0
  for _ in pairs(shape) do count = count + 1 end
  for i, size in ipairs(shape) do count = count + i * size end
  spec.equal(count, 10)
  shape[1] = 7
  table.insert(shape, 5)
  table.sort(shape)
  spec.equal(shape, { 3, 5, 7 })
  spec.equal(x.shape, { 2, 3 })
  spec.equal(type(shape), "table")
end)

test("arguments by name say how the call is written", function()
  spec.fails("as in t:sum(1), got a table of names", function() return x:sum { axis = 1 } end)
  spec.fails("as in t:sum(1), got a table of names", function() return x:sum { dim = 1 } end)
  spec.fails("as in t:mean(-1, true), got a table of names", function()
    return x:mean { axis = -1, keepdim = true }
  end)
  spec.fails("softmax: dim must be an integer, as in t:softmax(2), got a table of names", function() return x:softmax { dim = 2 } end)
  spec.fails("topk: dim must be an integer, as in t:topk(k, 1), got a table of names", function() return x:topk(1, { dim = 1 }) end)
  spec.fails("stack: dim must be an integer, as in mb.stack(tensors, 1), got a table of names", function()
    return mb.stack({ x, x }, { dim = 1 })
  end)
  spec.fails("flip: dim must be an integer, as in t:flip(1), got a table of names", function() return x:flip { dim = 1 } end)
  spec.fails("sum: dim must be a list without named entries, got a table with some", function() return x:sum { 1, n = 2 } end)
end)

test("0 is answered with where counting begins", function()
  local told = "; positions count from 1, the first"
  spec.fails("sum: dim 0 is out of range: 1 to 2, or -1 to -2; dims count from 1, the first", function() return x:sum(0) end)
  spec.fails("movedim: dim 0 is out of range: 1 to 2, or -1 to -2; dims count from 1, the first", function() return x:movedim(0, 1) end)
  spec.fails("position 0 is out of range: 1 to 2, or -1 to -2" .. told, function() return x[0] end)
  spec.fails("index: position 0 is out of range: 1 to 3, or -1 to -3" .. told, function() return x:index(2, 0) end)
  spec.fails("slice: position 0 is out of range: 1 to 3, or -1 to -3" .. told, function() return x:slice(2, 0, 1) end)
  spec.fails("index_select: position 0 is out of range: there are 2" .. told, function() return x:index_select(1, { 0, 1 }) end)
  spec.fails("one_hot: label 0 is out of range: there are 3 classes; labels count from 1, the first", function()
    return mb.tensor({ 0, 1 }):one_hot(3)
  end)
end)

test("other habits are answered with what is written here", function()
  spec.fails("Tensor: unknown name 'cuda'; tensors lie on the session's device, which --device chooses", function() return x:cuda() end)
  spec.fails("Tensor: unknown name 'repeat'; it is a word of Lua: write t:tile(counts)", function() return x["repeat"] end)
  spec.fails("Tensor: unknown name 'scatter_'; write t = t:scatter(", function() return x:scatter_(1, x, 1) end)
end)

test("names of old do what they did", function()
  spec.equal(mb.arange(1, 7, 2), mb.range(1, 7, 2))
  spec.equal(x:select(1, { 2, 1 }), x:index_select(1, { 2, 1 }))
  spec.equal(x:at(2), x:index(1, 2))
  spec.equal(x:at(3, 2), x:index(2, 3))
end)
