local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local x, three = mb.tensor { 1.0, 2.0 }, mb.zeros(3)

test("shapes that do not broadcast are told with their names", function()
  for _, name in ipairs { "atan2", "hypot", "logaddexp", "xlogy", "fmod", "remainder", "isclose", "allclose" } do
    spec.fails(name .. ": shapes differ: [2] and [3]", function() return x[name](x, three) end)
  end
  spec.fails("lerp: shapes differ: [2] and [3]", function() return x:lerp(three, 0.5) end)
  spec.fails("lerp: shapes differ: [2] and [3]", function() return x:lerp(x, three) end)
end)

test("truth values have no functions of floats", function()
  local truths = mb.tensor { true, false }
  for _, name in ipairs {
    "reciprocal", "rsqrt", "expm1", "exp2", "log2", "log10", "tan", "asin", "acos", "atan", "sinh", "cosh", "asinh",
    "acosh", "atanh", "erfc", "erfinv", "trunc", "frac", "silu", "mish", "selu", "relu6", "hardswish", "softsign",
    "logsigmoid", "elu", "leaky_relu", "hardtanh", "clamp_min",
  } do
    spec.fails("tensor, got bool", function() return truths[name](truths, name == "clamp_min" and 1 or nil) end)
  end
end)

test("what is behind the point is of floats alone, and so is what lies between", function()
  local ints = mb.tensor { 1, 2 }
  spec.fails("frac: wants a float32 tensor, got int32", function() return ints:frac() end)
  spec.fails("lerp: wants a float32 tensor, got int32", function() return ints:lerp(x, 0.5) end)
  spec.fails("lerp: wants a float32 tensor, got int32", function() return x:lerp(ints, 0.5) end)
end)

test("an exclusive or is of truth values alone", function()
  spec.fails("logical_xor: wants a bool tensor, got float32", function() return x:logical_xor(x) end)
end)

test("bounds in the wrong order, or none at all, are refused", function()
  spec.fails("clamp: a bound must be given, got none", function() return x:clamp() end)
  spec.fails("clamp: min must be at most max 1, got 2", function() return x:clamp(2, 1) end)
  spec.fails("hardtanh: min must be at most max 1, got 2", function() return x:hardtanh(2) end)
  spec.fails("clamp_max: ", function() return x:clamp_max(0 / 0) end)
  spec.fails("clamp_min: min must be at most 2147483647 for ints", function() return mb.tensor({ 1 }):clamp_min(2 ^ 40) end)
end)

test("parameters out of their range are refused", function()
  spec.fails("softplus: beta must be a finite number other than 0, got 0", function() return x:softplus(0) end)
  spec.fails("allclose: rtol must be a number of at least 0, got -1", function() return x:allclose(x, { rtol = -1 }) end)
  spec.fails("unknown option 'tolerance'", function() return x:isclose(x, { tolerance = 1 }) end)
end)

test("ints that are divided by 0, or do not fit, are an error on the CPU", function()
  local ints = mb.tensor { 7, -7 }
  spec.fails("fmod: an int is divided by 0", function() return ints:fmod(0) end)
  spec.fails("remainder: an int is divided by 0", function() return ints:remainder(0) end)
  spec.fails("mul: 65536 * 65536 is 4294967296, which does not fit int32", function() return mb.tensor({ 65536 }):square() end)
end)

test("tensors of different shapes are not equal, which is no error", function()
  spec.equal(x:equal(three), false)
  spec.equal(x:equal(mb.tensor { 1, 2 }), true)
  spec.equal(x:equal(mb.tensor { { 1, 2 } }), false)
end)

test("a step and a remainder have no gradient by what they jump at", function()
  local leaf = mb.tensor({ -1.5, 2.5 }):requires_grad()
  spec.equal(mb.grad((leaf:trunc() + leaf):sum(), { leaf })[1], { 1, 1 })
  spec.equal(mb.grad((leaf:heaviside(0.5) + leaf):sum(), { leaf })[1], { 1, 1 })
end)

test("steps are even, and both ends are exact", function()
  local steps = mb.linspace(0.1, 0.7, 1001)
  spec.equal(steps[1]:item(), mb.tensor(0.1):item())
  spec.equal(steps[1001]:item(), mb.tensor(0.7):item())
  spec.near(steps[501]:item(), 0.4)
  spec.fails("logspace: base must be over 0, got -2", function() return mb.logspace(0, 1, 3, -2) end)
end)

test("a tensor like another one has its shape and dtype", function()
  local ints = mb.tensor { { 1, 2, 3 } }
  spec.equal(mb.zeros_like(ints), { { 0, 0, 0 } })
  spec.equal(mb.zeros_like(ints).dtype, "int32")
  spec.equal(mb.ones_like(mb.tensor { true, false }), { true, true })
  spec.equal(mb.full_like(x, 0.25), { 0.25, 0.25 })
  spec.equal(mb.rand_like(ints).shape, { 1, 3 })
  spec.equal(mb.randn_like(ints).dtype, "float32")
end)
