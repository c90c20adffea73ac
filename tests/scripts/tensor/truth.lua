local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local x, y = mb.tensor { 1.0, 2.0 }, mb.tensor { 1.0, 2.0 }

test("two tensors are not compared by ==, which is one truth value", function()
  local message = "==: Lua makes one truth value of it, and tensors have many; write a:eq(b), or rawequal(a, b) for whether they are one object"
  spec.fails("truth.lua:9: " .. message, function() return x == y end)
  spec.fails(message, function() return x ~= y end)
  spec.holds(x == x and rawequal(x, x) and not rawequal(x, y))
end)

test("a tensor and anything else are different", function()
  local module = mb.nn.relu()
  spec.holds(x ~= nil and x ~= 1 and x ~= "x" and x ~= module and module ~= x)
end)

test("tensors are not ordered", function()
  local message = "Lua makes one truth value of it, and tensors have many; write a:l"
  spec.fails("<: " .. message .. "t(b) (a:gt(b) for >), or compare a:item()", function() return x < 0 end)
  spec.fails("<: " .. message, function() return x > y end)
  spec.fails("<=: " .. message .. "e(b) (a:ge(b) for >=), or compare a:item()", function() return 1 <= x end)
  spec.fails("<=: " .. message, function() return x >= 0 end)
end)

test("masks have the operators &, |, ~", function()
  local a, b = mb.tensor { true, true, false, false }, mb.tensor { true, false, true, false }
  spec.equal(a & b, { true, false, false, false })
  spec.equal(a | b, { true, true, true, false })
  spec.equal(a ~ b, { false, true, true, false })
  spec.equal(~a, { false, false, true, true })
  spec.equal(mb.tensor({ 1.0, 2.0, 3.0 })[~x:eq(1):pad({ 0, 1 })], { 2, 3 })
  spec.fails("logical_and: wants a bool tensor, got float32", function() return x & y end)
  spec.fails("right must be a tensor, got true", function() return a & true end)
end)
