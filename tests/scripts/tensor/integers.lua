local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

test("floor division of ints is exact and rounds down", function()
  spec.equal(mb.tensor({ 16777217, 123456789, -123456789 }) // 10, { 1677721, 12345678, -12345679 })
  spec.equal(mb.tensor({ -2147483648, 2147483647 }) // 10, { -214748365, 214748364 })
  spec.equal(mb.tensor { 7, -7, 7, -7, 6 } // mb.tensor { 2, 2, -2, -2, 3 }, { 3, -4, -4, 3, 2 })
end)

test("the remainder has the divisor's sign", function()
  spec.equal(mb.tensor({ 7, -7 }) % 3, { 1, 2 })
  spec.equal(mb.tensor({ 7, -7 }) % -3, { -2, -1 })
end)

test("an int divided by 0 is an error, a float is infinite", function()
  spec.fails("floor_div: an int is divided by 0", function() return mb.tensor { 5, 6 } // mb.tensor { 1, 0 } end)
  spec.fails("remainder: an int is divided by 0", function() return mb.tensor { 5, 6 } % 0 end)
  spec.equal(mb.tensor(5) / 0, math.huge)
  spec.equal(mb.tensor(5.0) // 0, math.huge)
end)

test("ints that leave 32 bits are an error with the values", function()
  local most, least = mb.tensor { 1, 2147483647 }, mb.tensor { -2147483648 }
  local fit = "which does not fit int32; cast to float32 first"
  spec.fails("add: 2147483647 + 1 is 2147483648, " .. fit, function() return most + 1 end)
  spec.fails("add: 1 + 2147483647 is 2147483648, " .. fit, function() return mb.tensor { 1, 1 } + most end)
  spec.fails("sub: -2147483648 - 1 is -2147483649, " .. fit, function() return least - 1 end)
  spec.fails("mul: 65536 * 65536 is 4294967296, " .. fit, function() return mb.tensor(65536) * mb.tensor(65536) end)
  spec.fails("floor_div: -2147483648 // -1 is 2147483648, " .. fit, function() return least // -1 end)
  spec.fails("neg: -2147483648 becomes 2147483648", function() return -least end)
  spec.fails("abs: -2147483648 becomes 2147483648", function() return least:abs() end)
  spec.fails("sum: 2147483648 does not fit int32; cast to float32 first", function() return most:sum() end)
  spec.fails("sum: 2147483648 does not fit int32", function() return most:reshape(2, 1):sum(1) end)
  spec.equal(least % -1, { 0 })
end)

test("a whole number that leaves 32 bits is as little an int to reckon with", function()
  local x = mb.tensor { 3, 4 }
  local fit = ": 2147483648 does not fit int32; cast to float32 first"
  spec.fails("add" .. fit, function() return x + 2147483648 end)
  spec.fails("arithmetic" .. fit, function() return 2147483648 + x end)
  spec.fails("sub" .. fit, function() return x - 2147483648 end)
  spec.fails("mul" .. fit, function() return x * 2147483648 end)
  spec.fails("arithmetic" .. fit, function() return x // 2147483648 end)
  spec.fails("arithmetic" .. fit, function() return x % 2147483648 end)
  spec.fails("add: -2147483649 does not fit int32", function() return x + -2147483649 end)
  spec.equal((x / 4294967296).dtype, "float32")
  spec.equal((x + 0.5).dtype, "float32")
  spec.equal(x * math.huge, { math.huge, math.huge })
  spec.equal(x:cast("float32") + 4294967296, { 4294967296, 4294967296 })
end)

test("what fits 32 bits is exact to the last unit, and so is a mean", function()
  local most = mb.tensor { 2147483647, 2147483647, -2147483648 }
  spec.equal(most:sum():item(), 2147483646)
  spec.equal(mb.tensor({ 2147483640, 7 }):sum():item(), 2147483647)
  spec.equal((mb.tensor(2147483646) + 1):item(), 2147483647)
  spec.equal((mb.tensor(0) + 2147483647).dtype, "int32")
  spec.equal(mb.tensor(5):eq(2147483647):item(), false)
  spec.equal(mb.tensor({ 2147483647, 2147483647 }):mean():item(), 2147483648)  -- the nearest float
  spec.equal(mb.tensor({ 16777217, 16777219 }):mean():item(), 16777218)
end)

test("a float that no int can hold is not cast", function()
  for _, value in ipairs { 2147483648.0, -2147483904.0, 1e30, math.huge, -math.huge, 0 / 0 } do
    spec.fails("cast: a float must be within 32 bits to become int32", function()
      return mb.tensor({ 1.0, value }):cast("int32")
    end)
  end
  spec.equal(mb.tensor({ -2147483648.0, 2147483520.0, -0.9 }):cast("int32"), { -2147483648, 2147483520, 0 })
end)

test("an int compares exactly with any number", function()
  local x = mb.tensor { 16777217, 2147483647, -2147483648 }
  spec.equal(x:gt(16777216.5), { true, true, false })
  spec.equal(x:le(16777216.5), { false, false, true })
  spec.equal(x:eq(16777217.5), { false, false, false })
  spec.equal(x:ne(2147483646), { true, true, true })
  spec.equal(x:lt(2147483647), { true, false, true })
  spec.equal(x:ge(-3e9), { true, true, true })
  spec.equal(x:lt(-math.huge), { false, false, false })
  spec.equal(x:ne(0 / 0), { true, true, true })
  spec.equal(x:ge(0 / 0), { false, false, false })
end)

test("a number outside 32 bits does not fill an int tensor", function()
  spec.fails("full: value must be within 32 bits, got inf", function() return mb.full({ 2 }, math.huge, "int32") end)
  spec.fails("masked_fill: value must be within 32 bits", function()
    return mb.tensor({ 1, 2 }):masked_fill(mb.tensor { true, false }, 1e12)
  end)
  spec.fails("tensor: an integer must be within 32 bits, got 2147483648", function() return mb.tensor { 2147483648 } end)
end)

test("clamping ints by whole bounds stays int, by others makes floats", function()
  spec.equal(mb.tensor({ 1, 2, 3 }):clamp(2, math.huge), { 2, 2, 3 })
  spec.equal(mb.tensor({ 1, 2, 3 }):clamp(1.5, 2.5), { 1.5, 2, 2.5 })
  spec.equal(mb.tensor({ 1, 2 }):clamp(-3e9, 3e9), { 1, 2 })
  spec.fails("clamp: min must be at most 2147483647 for ints, got 3000000000", function()
    return mb.tensor({ 1, 2 }):clamp(3e9, 4e9)
  end)
  spec.fails("clamp: max must be at least -2147483648 for ints, got -3000000000", function()
    return mb.tensor({ 1, 2 }):clamp(-4e9, -3e9)
  end)
end)

test("ints beyond 2^24 compare exactly", function()
  spec.equal(mb.tensor(16777217):eq(16777216):item(), false)
  spec.equal(mb.tensor(16777217):gt(mb.tensor(16777216)):item(), true)
end)

test("int64 beside a number has all of its digits", function()
  local large = 9007199254740993
  local t = mb.tensor({ large }, "int64")
  spec.equal((t + large):item(), 2 * large)
  spec.equal((large - t):item(), 0)
  spec.equal((mb.tensor({ 2 }, "int64") * large):item(), 2 * large)
  spec.equal({ t:eq(large):item(), t:gt(large - 1):item(), t:ne(large - 1):item() }, { true, true, true })
  spec.equal(mb.tensor({ math.maxinteger }, "int64"):ge(2.0 ^ 63):item(), false)
  spec.equal((mb.tensor { 1.0 } + large):item(), 2.0 ^ 53)
end)

test("ints are near by their own values", function()
  local a, b = mb.tensor { 16777216 }, mb.tensor { 16777217 }
  spec.equal({ a:allclose(b, { rtol = 0, atol = 0 }), a:allclose(b, { rtol = 0, atol = 0.5 }), a:allclose(b, { rtol = 0, atol = 1 }) }, { false, false, true })
  local large = mb.tensor({ 9007199254740993 }, "int64")
  spec.equal(large:allclose(large - 1, { rtol = 0, atol = 0 }), false)
end)
