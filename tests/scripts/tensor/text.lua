local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

test("a tensor reads with its shape, dtype and device", function()
  spec.equal(tostring(mb.tensor(2.5)), "tensor [] float32 on cpu\n2.5000")
  spec.equal(tostring(mb.tensor { 1, 2 }), "tensor [2] int32 on cpu\n[1, 2]")
  spec.equal(tostring(mb.tensor { { true }, { false } }), "tensor [2, 1] bool on cpu\n[[true],\n [false]]")
  spec.equal(tostring(mb.ones(2, 1, 2)), "tensor [2, 1, 2] float32 on cpu\n[[[1.0000, 1.0000]],\n [[1.0000, 1.0000]]]")
end)

test("a leaf says that it requires a gradient", function()
  spec.equal(tostring(mb.ones(1):requires_grad()), "tensor [1] float32 on cpu, requires grad\n[1.0000]")
end)

test("the middle of long dims is left out", function()
  spec.equal(tostring(mb.range(1, 9)), "tensor [9] int32 on cpu\n[1, 2, 3, …, 7, 8, 9]")
  spec.equal(select(2, tostring(mb.zeros(100, 100)):gsub("\n", "")), 7)
end)

test("very small, very large and odd values are told apart", function()
  spec.equal(
    tostring(mb.tensor { 1e-9, 1e9, 0 / 0, -math.huge, -1.5 }),
    "tensor [5] float32 on cpu\n[1.000e-9, 1.000e9, NaN, -inf, -1.5000]"
  )
end)
