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

test("ints wrap around at 32 bits, and larger numbers make floats", function()
  spec.equal((mb.tensor(2147483647) + 1):item(), -2147483648)
  spec.equal((mb.tensor(3) + 3000000000).dtype, "float32")
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
  spec.equal(mb.tensor({ 1, 2 }):clamp(1e20, 1e21), { 2147483647, 2147483647 })
end)

test("ints beyond 2^24 compare exactly", function()
  spec.equal(mb.tensor(16777217):eq(16777216):item(), false)
  spec.equal(mb.tensor(16777217):gt(mb.tensor(16777216)):item(), true)
end)
