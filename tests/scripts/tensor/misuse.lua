local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local x = mb.ones(2, 3)

test("lists that make no tensor", function()
  local list = "tensor: values must be "
  spec.fails(list .. "lists of one size at depth 2, got 1 and 2", function() return mb.tensor { { 1 }, { 2, 3 } } end)
  spec.fails(list .. "lists of one size at depth 2, got a list beside a number", function() return mb.tensor { 1, { 2 } } end)
  spec.fails(list .. "lists of one size at depth 2, got a number beside a list", function() return mb.tensor { { 1 }, 2 } end)
  spec.fails(list .. "nested at most 6 deep, got more", function() return mb.tensor { { { { { { { 1 } } } } } } } end)
  spec.fails(list .. "all numbers or all booleans, got both", function() return mb.tensor { 1, true } end)
  spec.fails(list .. "numbers, booleans or nested lists of them, got the string 'a'", function() return mb.tensor { 1, "a" } end)
  spec.fails(list .. "numbers, booleans or nested lists of them, got nothing", function() return mb.tensor() end)
  spec.fails(list .. "a list, got a table with named entries or gaps", function() return mb.tensor { 1, 2, a = 3 } end)
  spec.fails(list .. "a list, got a table with named entries or gaps", function() return mb.tensor { 1, nil, 3 } end)
end)

test("a list that contains itself is an error, not a hang", function()
  local list = {}
  list[1] = list
  spec.fails("nested at most 6 deep", function() return mb.tensor(list) end)
end)

test("sizes that make no shape", function()
  spec.fails("zeros: sizes must be at least 0, got -1", function() return mb.zeros(-1) end)
  spec.fails("zeros: sizes must be integers, got 2.5", function() return mb.zeros(2.5) end)
  spec.fails("zeros: unknown dtype '2'", function() return mb.zeros("2") end)
  spec.fails("zeros: sizes must be integers, got the string '2'", function() return mb.zeros("2", 3) end)
  spec.fails("zeros: sizes must be integers, got NaN", function() return mb.zeros(0 / 0) end)
  spec.fails("zeros: sizes must be integers, got inf", function() return mb.zeros(math.huge) end)
  spec.fails("zeros: sizes must be a list, got a table with named entries", function() return mb.zeros { n = 3 } end)
  spec.fails("arange: the range must be of at least one number, got 5 to 1 by 1", function() return mb.arange(5, 1) end)
  spec.fails("arange: step must be other than 0, got 0", function() return mb.arange(1, 5, 0) end)
end)

test("operands that are no tensors", function()
  spec.fails("add: right must be a tensor or a number, got nothing", function() return x + nil end)
  spec.fails("add: left must be a tensor or a number, got the string 'a'", function() return "a" + x end)
  spec.fails("mul: right must be a tensor or a number, got true", function() return x * true end)
  spec.fails("pow: right must be a tensor or a number, got a table", function() return x ^ {} end)
  spec.fails("matmul: other must be a tensor, got 3", function() return x:matmul(3) end)
end)

test("dtypes that an operation does not take", function()
  spec.fails("matmul: wants a float32 tensor, got int32", function() return x:matmul(mb.tensor { { 1 }, { 2 }, { 3 } }) end)
  spec.fails("softmax: wants a float32 tensor, got int32", function() return mb.tensor({ 1, 2 }):softmax() end)
  spec.fails("exp: wants a float32 tensor, got bool", function() return mb.tensor({ true }):exp() end)
  spec.fails("cast: unknown dtype 'float46'; did you mean 'float64'?", function() return x:cast("float46") end)
end)

test("values outside what an operation takes", function()
  spec.fails("clamp: min must be at most max 1, got 2", function() return x:clamp(2, 1) end)
  spec.fails("clamp: min must be at most max 1, got NaN", function() return x:clamp(0 / 0, 1) end)
  spec.fails("item: wants one element, got shape [2, 3]", function() return x:item() end)
end)

test("every misuse leaves the script able to go on", function()
  for _ = 1, 1000 do pcall(function() return x + mb.zeros(4) end) end
  spec.equal(x:sum():item(), 6)
end)
