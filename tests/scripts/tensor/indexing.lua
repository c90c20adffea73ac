local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local x = mb.tensor { { 1.0, 2.0, 3.0 }, { 4.0, 5.0, 6.0 } }

test("t[i] is a row, and of a vector a scalar", function()
  spec.equal(x[1], { 1, 2, 3 })
  spec.equal(x[-1], x:at(2))
  spec.equal(x[2][3].shape, {})
  spec.equal(x[2][3]:item(), 6)
end)

test("a loop over #t visits every row", function()
  local sum = 0
  for i = 1, #x do sum = sum + x[i]:sum():item() end
  spec.equal(sum, 21)
end)

test("a whole number is a position however it is written", function()
  spec.equal(x[1.0], { 1, 2, 3 })
  spec.equal(x[2.0][3.0]:item(), 6)
  spec.fails("at: position 3 is out of range", function() return x[3.0] end)
end)

test("ipairs and pairs go through the rows, and through nothing else", function()
  for _, through in ipairs { ipairs, pairs } do
    local seen = {}
    for i, row in through(x) do seen[i] = row:sum():item() end
    spec.equal(seen, { 6, 15 })
  end
  local rows = { table.unpack(x) }
  spec.equal(#rows, 2)
  spec.equal(rows[2], { 4, 5, 6 })
  for _ in pairs(mb.tensor(1)) do error("a scalar has no rows") end
end)

test("the end of a loop is told from a position that does not exist inside it", function()
  spec.fails("at: position 7 is out of range: 1 to 3", function()
    for _, row in ipairs(x) do return row[7] end
  end)
end)

test("t[i] carries the gradient", function()
  local leaf = x:requires_grad()
  spec.equal(mb.grad((leaf[2] * 3):sum(), { leaf })[1], { { 0, 0, 0 }, { 3, 3, 3 } })
end)

test("a position that does not exist names the range", function()
  spec.fails("at: position 3 is out of range: 1 to 2, or -1 to -2", function() return x[3] end)
  spec.fails("at: position 0 is out of range", function() return x[0] end)
  spec.fails("at: position 1 is out of range: a scalar has none", function() return mb.tensor(1)[1] end)
  spec.fails("slice: position 9 is out of range: 1 to 3, or -1 to -3", function() return x:slice(2, 1, 9) end)
  spec.fails("select: position 3 is out of range: there are 2", function() return x:select(1, { 1, 3 }) end)
  spec.fails("gather: position 0 is out of range: there are 2", function() return x:gather(1, mb.tensor { { 0, 1, 1 } }) end)
  spec.fails("one_hot: label 4 is out of range: there are 3 classes", function() return mb.tensor({ 1, 4 }):one_hot(3) end)
end)

test("a key that is neither a name nor a position is an error", function()
  spec.fails("Tensor: a key must be a name or a position, got 1.5", function() return x[1.5] end)
  spec.fails("Tensor: a key must be a name or a position (several: t:index_select(dim, positions); a mask: mb.where), got a Tensor", function() return x[x] end)
  spec.fails("Tensor: a key must be a name or a position, got true", function() return x[true] end)
end)

test("a tensor cannot be assigned to", function()
  spec.fails("assignment: a tensor never changes", function() x[1] = 3 end)
  spec.fails("assignment: a tensor never changes", function() x.shape = { 6 } end)
end)

test("slices include both ends and count from the end with minus", function()
  spec.equal(x:slice(2, 2), { { 2, 3 }, { 5, 6 } })
  spec.equal(x:slice(-1, -2, -2), { { 2 }, { 5 } })
  spec.fails("slice: the range of dim 1 must be inside 1 to 2, got 2 to 1", function() return x:slice(1, 2, 1) end)
end)

test("positions must be an int list or tensor of the right rank", function()
  spec.fails("select: wants an int32 tensor, got float32", function() return x:select(1, { 1.5 }) end)
  spec.fails("select: positions must have 1 dim, got shape []", function() return x:select(1, mb.tensor(1)) end)
  spec.fails("select: positions must be a list or an int tensor, got 1", function() return x:select(1, 1) end)
  spec.fails("gather: [2, 3] and [1] do not fit: positions have as many dims, and none but dim 1 of them is larger than the tensor's", function() return x:gather(1, mb.tensor { 1 }) end)
  spec.fails("gather: [2, 3] and [1, 4] do not fit", function() return x:gather(1, mb.tensor { { 1, 1, 1, 1 } }) end)
end)
