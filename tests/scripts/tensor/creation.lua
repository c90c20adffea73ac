local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

test("a number, a boolean or nested lists make a tensor of rank 0 to 6", function()
  spec.equal(mb.tensor(2.5).shape, {})
  spec.equal(mb.tensor(true):item(), true)
  spec.equal(mb.tensor({ { 1, 2, 3 }, { 4, 5, 6 } }).shape, { 2, 3 })
  spec.equal(mb.tensor({ { { { { { 7 } } } } } }).rank, 6)
end)

test("integers make int32, any other number float32, booleans bool", function()
  spec.equal(mb.tensor({ 1, 2 }).dtype, "int32")
  spec.equal(mb.tensor({ 1, 2.0 }).dtype, "float32")
  spec.equal(mb.tensor({ true, false }).dtype, "bool")
  spec.equal(mb.tensor({ 1, 0 }, "bool"), { true, false })
end)

test("an int tensor holds every 32-bit integer exactly", function()
  spec.equal(mb.tensor { 16777217, 2147483647, -2147483648 }, { 16777217, 2147483647, -2147483648 })
end)

test("floats are rounded to single precision", function()
  spec.equal(mb.tensor(0.1):item(), 0.10000000149011612)
  spec.equal(mb.tensor({ 1e300, -1e300 }), { math.huge, -math.huge })
end)

test("zeros, ones and full take a shape as numbers or as a list", function()
  spec.equal(mb.zeros(2, 1), { { 0 }, { 0 } })
  spec.equal(mb.ones { 2 }, { 1, 1 })
  spec.equal(mb.zeros().shape, {})
  spec.equal(mb.full({ 2 }, 3.7), mb.tensor { 3.7, 3.7 })
  spec.equal(mb.full({ 2 }, 3.7, "int32"), { 3, 3 })
  spec.equal(mb.full({}, 1, "bool"):item(), true)
end)

test("arange counts up or down and includes its end", function()
  spec.equal(mb.arange(1, 5), { 1, 2, 3, 4, 5 })
  spec.equal(mb.arange(5, 1, -2), { 5, 3, 1 })
  spec.equal(mb.arange(2, 2), { 2 })
end)

test("random tensors differ from call to call and have the distribution's moments", function()
  local normal, uniform = mb.randn(10000), mb.rand(10000)
  spec.near(normal:mean():item(), 0, 0.05)
  spec.near(normal:std():item(), 1, 0.05)
  spec.near(uniform:mean():item(), 0.5, 0.02)
  spec.holds(uniform:min():item() >= 0 and uniform:max():item() < 1)
  spec.holds(mb.randn(8):sub(mb.randn(8)):abs():max():item() > 0)
end)

test("item and to_table give back numbers and booleans", function()
  spec.equal(mb.tensor({ { 3 } }):item(), 3)
  spec.equal(math.type(mb.tensor(3):item()), "integer")
  spec.equal(mb.tensor({ { true }, { false } }):to_table(), { { true }, { false } })
  spec.equal(mb.tensor(2.5):to_table(), 2.5)
end)

test("casting to int truncates, and NaN becomes true as bool", function()
  spec.equal(mb.tensor({ 1.9, -1.9 }):cast("int32"), { 1, -1 })
  spec.equal(mb.tensor({ 0 / 0, 0.0, -3.0 }):cast("bool"), { true, false, true })
end)

test("randperm has every position once, in another order each time", function()
  local first, second = mb.randperm(50), mb.randperm(50)
  spec.equal(first:one_hot(50):sum(1), mb.ones(50))
  spec.holds(first:ne(second):sum():item() > 0)
end)
