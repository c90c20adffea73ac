local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local nan = 0 / 0
local hint = " does not fit int32; cast to float32 first"

test("sums and products of ints are exact, or errors", function()
  local x = mb.tensor { 2147483647, -1, 1 }
  spec.equal(x:cumsum(), { 2147483647, 2147483646, 2147483647 })
  spec.fails("cumsum: 2147483648" .. hint, function() return mb.tensor({ 2147483647, 1 }):cumsum() end)
  spec.fails("cumprod: 4294967296" .. hint, function() return mb.tensor({ 65536, 65536 }):cumprod() end)
  spec.fails("prod: 4294967296" .. hint, function() return mb.tensor({ 65536, 65536 }):prod() end)
  spec.fails("prod: a result over 128 bits" .. hint, function() return mb.full({ 9 }, 65536, "int32"):prod() end)
  spec.equal(mb.tensor({ 65536, 65536, 65536, 65536, 65536, 0 }):prod():item(), 0)
  spec.equal(mb.tensor({ true, true, false }):cumsum(), { 1, 2, 2 })
  spec.equal(mb.tensor({ true, true }):prod().dtype, "int32")
end)

test("a running sum of many tenths is as exact as their sum", function()
  local tenths = mb.full({ 100000 }, 0.1)
  spec.equal(tenths:cumsum()[-1]:item(), tenths:sum():item())
end)

test("a running extreme has the last of equals, and NaN from where it is", function()
  local values, positions = mb.tensor({ 1.0, 3.0, 3.0, nan, 5.0 }):cummax()
  spec.near(values, { 1, 3, 3, nan, nan })
  spec.equal(positions, { 1, 2, 3, 4, 4 })
  spec.equal(select(2, mb.tensor({ 2, 2, 3, 1 }):cummin()), { 1, 2, 2, 4 })
end)

test("the gradient of a product is right where factors are 0, its own gradient too", function()
  local x = mb.tensor({ 2.0, 0.0, 0.0 }):requires_grad()
  local by = mb.grad(x:prod(), { x }, { create_graph = true })[1]
  spec.equal(by, { 0, 0, 0 })
  spec.equal(mb.grad(by[2], { x })[1], { 0, 0, 2 })
  spec.equal(mb.grad(x:cumprod():sum(), { x })[1], { 1, 2, 0 })
  for _, f in ipairs {
    function(t) return t:cumprod(1) end,
    function(t) return t:prod(1) end,
    function(t) return t:logcumsumexp(2) end,
    function(t) return t:logsumexp({ 1, 2 }) end,
  } do
    local values = mb.tensor { { 0.0, 1.5 }, { -2.0, 0.0 }, { 0.5, 0.0 } }
    spec.holds(mb.check_gradient(f, { values }) < 0.01)
  end
end)

test("what nothing leads to has no part in logcumsumexp", function()
  local x = mb.tensor({ -math.huge, 0.0, 1.0 }):requires_grad()
  local by = mb.grad(x:logcumsumexp()[3], { x })[1]
  spec.near(by, { 0, 1 / (1 + math.exp(1)), 1 / (1 + math.exp(-1)) })
end)

test("differences shorten a dim", function()
  local x = mb.tensor { { 1, 4, 9 }, { 2, 2, 2 } }
  spec.equal(x:diff(2), { { 2 }, { 0 } })
  spec.equal(x:diff(1, 1), { { 1, -2, -7 } })
  spec.equal({ x:diff(3).shape, x:diff(0):to_table() }, { { 2, 0 }, x:to_table() })
  spec.fails("diff: n must be an integer of at least 0, got -1", function() return x:diff(-1) end)
  spec.fails("cumsum: dim 3 is out of range: 1 to 2, or -1 to -2", function() return x:cumsum(3) end)
  spec.fails("cumprod: dim -1 is out of range: a scalar has none", function() return mb.tensor(1.0):cumprod() end)
end)
