-- Writing into tensors, and reading several dims at once.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local function matrix() return mb.arange(1, 12):reshape(3, 4):cast("float32"):clone() end

test("several dims are read at once: positions, ranges with a step, all, lists and masks", function()
  local x = matrix()
  spec.equal(x[{ 2, 3 }], 7)
  spec.equal(x[{ { 1, 2 }, nil }], { { 1, 2, 3, 4 }, { 5, 6, 7, 8 } })
  spec.equal(x[{ nil, 2 }], { 2, 6, 10 })
  spec.equal(x[{ { 1, 3, 2 }, { -2, -1 } }], { { 3, 4 }, { 11, 12 } })
  spec.equal(x[{ { 2 } }], { { 5, 6, 7, 8 }, { 9, 10, 11, 12 } })
  spec.equal(x[{ -1 }], { 9, 10, 11, 12 })
  spec.equal(x[{}], x)
  spec.equal(x[mb.tensor { 3, 1 }], { { 9, 10, 11, 12 }, { 1, 2, 3, 4 } })
  spec.equal(x[mb.tensor { { 3 }, { 1 } }].shape, { 2, 1, 4 })
  spec.equal(x[{ mb.tensor { 1, 3 }, mb.tensor { 4, 1 } }], { 4, 9 })
  spec.equal(x[{ nil, mb.tensor { 4, 4, 1 } }].shape, { 3, 3 })
  spec.equal(x[x:gt(9)], { 10, 11, 12 })
  spec.equal(x[mb.tensor { true, false, true }], { { 1, 2, 3, 4 }, { 9, 10, 11, 12 } })
  spec.equal(x[{ nil, mb.tensor { true, false, false, true } }], { { 1, 4 }, { 5, 8 }, { 9, 12 } })
  spec.equal(x[x:gt(99)].shape, { 0 })
  spec.equal(x[{ { 1, 0 } }].shape, { 0, 4 })
end)

test("lists stand where the first of them stood, in front where a range parts them, as in PyTorch", function()
  local t = mb.arange(1, 120):reshape(2, 3, 4, 5)
  local two, pair = mb.tensor { 1, 2 }, mb.tensor { { 1, 2, 3 }, { 3, 2, 1 } }
  spec.equal(t[{ nil, two, two }].shape, { 2, 2, 5 })
  spec.equal(t[{ nil, two, nil, two }].shape, { 2, 2, 4 })
  spec.equal(t[{ nil, pair }].shape, { 2, 2, 3, 4, 5 })
  spec.equal(t[{ 2, nil, two }].shape, { 3, 2, 5 })
  spec.equal(t[{ two, 3, nil, two }].shape, { 2, 4 })
end)

test("gradients go through every kind of index", function()
  local x = matrix():requires_grad()
  local picked = x[{ { 1, 3, 2 }, { 2, 3 } }]:sum() + x[{ mb.tensor { 1, 1 }, mb.tensor { 4, 4 } }]:sum() + x[x:gt(10)]:sum() + x[{ 2, 1 }]
  spec.equal(mb.grad(picked, { x })[1], { { 0, 1, 1, 2 }, { 1, 0, 0, 0 }, { 0, 1, 2, 1 } })
end)

test("what an index reads is what it writes", function()
  local x = matrix()
  x[1] = 0
  x[{ 2, 2 }] = -1
  x[{ nil, 4 }] = mb.tensor { 7.0, 8.0, 9.0 }
  x[{ 3, { 1, 3, 2 } }] = mb.tensor { 1.5, 2.5 }
  spec.equal(x, { { 0, 0, 0, 7 }, { 5, -1, 7, 8 }, { 1.5, 10, 2.5, 9 } })
  x[x:eq(0)] = 1
  x[mb.tensor { 3, 3 }] = mb.tensor { { 1.0, 1, 1, 1 }, { 2, 2, 2, 2 } }
  spec.equal(x, { { 1, 1, 1, 7 }, { 5, -1, 7, 8 }, { 2, 2, 2, 2 } })
  x[{ { 2, 1 } }] = 99
  spec.equal(x:max():item(), 8)
  local ints, mask = mb.zeros({ 3 }, "int64"), mb.zeros({ 3 }, "bool")
  ints[2] = math.maxinteger
  mask[{ { 2, 3 } }] = true
  mask[mb.tensor { 2 }] = false
  spec.equal(ints:to_table(), { 0, math.maxinteger, 0 })
  spec.equal(mask, { false, false, true })
end)

test("whoever holds this object sees it, and nobody else does", function()
  local x = matrix()
  local same, copy, detached, row = x, x:clone(), x:detach(), x[1]
  local doubled = (x:clone():requires_grad() * 2):sum()
  x[1] = 0
  spec.equal(same[1], { 0, 0, 0, 0 })
  for _, kept in ipairs { copy[1], detached[1], row } do spec.equal(kept, { 1, 2, 3, 4 }) end
  spec.equal(doubled:item(), 156)
end)

test("a gradient is that of the values which were there", function()
  local bank = matrix()
  local w = mb.ones(4):requires_grad()
  local loss = (bank * w):sum()
  bank[{}] = 0
  spec.equal(mb.grad(loss, { w })[1], { 15, 18, 21, 24 })
end)

test("what would be lost or cannot be written is an error, and nothing changes", function()
  local x = matrix()
  spec.fails("assignment: the tensor was read out of another one", function() x[1][2] = 5 end)
  spec.fails("assignment: the tensor was read out of another one", function() x:transpose()[1] = 5 end)
  spec.fails("assignment: the tensor is on the tape", function() x:requires_grad()[1] = 5 end)
  spec.fails("assignment: the value is on the tape", function() x[1] = mb.ones(4):requires_grad() * 2 end)
  spec.fails("assignment: [4] and [3] do not fit: the value broadcasts to what is written to", function() x[1] = mb.ones(3) end)
  spec.fails("index: position 4 is out of range", function() x[4] = 1 end)
  spec.fails("index: position 0 is out of range", function() x[{ 1, 0 }] = 1 end)
  spec.fails("index: the range of dim 2 must be inside 1 to 4, got 2 to 7", function() x[{ 1, { 2, 7 } }] = 1 end)
  spec.fails("index: the step of a range must be at least 1", function() x[{ { 3, 1, -1 } }] = 1 end)
  spec.fails("index: wants at most 2 dims to be indexed, got shape [3, 4]", function() x[{ 1, 1, 1 }] = 1 end)
  spec.fails("index: [3, 4] and [4] do not fit: a mask has the shape of the dims that it is for, from dim 1 on", function()
    x[mb.tensor { true, false, true, true }] = 1
  end)
  spec.fails("assignment: floats do not go into int32; cast the value first", function() mb.zeros({ 2 }, "int32")[1] = 0.5 end)
  spec.fails("assignment: numbers do not go into bool", function() mb.zeros({ 2 }, "bool")[1] = 1 end)
  spec.fails("within 0 to 255 to become uint8, got 300", function() mb.zeros({ 2 }, "uint8")[1] = 300 end)
  spec.fails("assignment: the value must be a tensor, got the string 'a'", function() x[1] = "a" end)
  spec.fails("assignment: a tensor has no 'shape' to be set", function() x.shape = { 6 } end)
  spec.equal(x, matrix())
end)

test("a value stands for the dims that reading would give, as in PyTorch", function()
  local t = mb.zeros(2, 2, 2)
  t[{ nil, nil, 1 }] = mb.tensor { { 1 }, { 2 } }
  spec.equal(t[{ nil, nil, 1 }], { { 1, 1 }, { 2, 2 } })
  local kept = mb.zeros(2, 3, 1)
  kept[{ nil, 2 }] = mb.ones(2, 1)
  spec.equal(kept:sum({ 1, 3 }), { 0, 2, 0 })
  kept[1] = mb.full({ 1, 1, 3, 1 }, 5)
  spec.equal(kept[1]:flatten(), { 5, 5, 5 })
end)

test("of positions in any order and named twice the last value stays", function()
  local t = mb.zeros(4, 2)
  t[mb.tensor { 3, 1, 3 }] = mb.tensor { { 1, 1 }, { 2, 2 }, { 3, 3 } }
  spec.equal(t, { { 2, 2 }, { 0, 0 }, { 3, 3 }, { 0, 0 } })
  t[t:gt(1)] = mb.tensor { 5, 6, 7, 8 }
  spec.equal(t, { { 5, 6 }, { 0, 0 }, { 7, 8 }, { 0, 0 } })
end)

test("what is no part of another tensor is written into", function()
  for _, own in ipairs { mb.zeros(4):index_select(1, { 1, 2 }), mb.zeros(2):sort(), mb.zeros(2):flip(1), mb.zeros(2):cast("int32"), mb.zeros(2):gather(1, mb.tensor { 1, 2 }) } do
    own[1] = 5
    spec.equal(own[1]:item(), 5)
  end
end)
