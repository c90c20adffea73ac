local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local x = mb.ones(2, 3)

test("a missing argument is named", function()
  spec.fails("matmul: other must be a tensor, got nothing", function() return x:matmul() end)
  spec.fails("at: position must be an integer, got nothing", function() return x:at() end)
  spec.fails("masked_fill: value must be a number, got nothing", function() return x:masked_fill(x:gt(0)) end)
end)

test("too many arguments are counted", function()
  spec.fails("sum: the number of arguments must be at most 3, got 4", function() return x:sum(1, true, 3) end)
  spec.fails("numel: the number of arguments must be at most 1, got 2", function() return x:numel(3) end)
end)

test("a dot instead of a colon is seen by the missing self", function()
  spec.fails("sum: self must be a Tensor (write tensor:sum(…), with a colon), got nothing", function() return x.sum() end)
  spec.fails("sum: self must be a Tensor (write tensor:sum(…), with a colon), got 1", function() return x.sum(1) end)
end)

test("an argument of another type is shown", function()
  spec.fails("sum: dim must be an integer, got 1.5", function() return x:sum(1.5) end)
  spec.fails("sum: dim must be an integer, got the string '1'", function() return x:sum("1") end)
  spec.fails("sum: keep must be true or false, got 2", function() return x:sum(1, 2) end)
  spec.fails("cat: tensors[2] must be a tensor, got 3", function() return mb.cat { x, 3 } end)
  spec.fails("no_grad: body must be a function, got 3", function() return mb.no_grad(3) end)
end)

test("a whole float is an integer", function()
  spec.equal(x:sum(2.0):to_table(), { 3, 3 })
end)

test("an unknown option gets a suggestion, or the list of those that there are", function()
  spec.fails("conv2d: unknown option 'strid'; did you mean 'stride'?", function() return mb.nn.conv2d(3, 8, { strid = 2 }) end)
  spec.fails("linear: unknown option 'zzz'; there are: bias", function() return mb.nn.linear(3, 8, { zzz = 2 }) end)
  spec.fails("linear: every option must be named, got 1", function() return mb.nn.linear(3, 8, { 2 }) end)
  spec.fails("linear: bias must be true or false, got 1", function() return mb.nn.linear(3, 8, { bias = 1 }) end)
  spec.fails("linear: options must be a table of options, got 4", function() return mb.nn.linear(3, 8, 4) end)
end)
