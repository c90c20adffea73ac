local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local x = mb.tensor { { 1.0, 2.0, 3.0 }, { 4.0, 5.0, 6.0 } }

test("a comparison gives a bool tensor, which counts as 0 and 1", function()
  spec.equal(x:gt(3).dtype, "bool")
  spec.equal(x:gt(3):sum():item(), 3)
  spec.equal(1 + x:eq(1), { { 2, 1, 1 }, { 1, 1, 1 } })
end)

test("NaN equals nothing", function()
  spec.equal(mb.tensor({ 0 / 0 }):eq(0 / 0), { false })
  spec.equal(mb.tensor({ 0 / 0 }):ne(0 / 0), { true })
end)

test("where takes a number on one side", function()
  spec.equal(mb.where(x:gt(2), x, 0), { { 0, 0, 3 }, { 4, 5, 6 } })
  spec.equal(mb.where(x:gt(2), -1, x), { { 1, 2, -1 }, { -1, -1, -1 } })
  spec.fails("where: one operand must be a tensor, got two numbers", function() return mb.where(x:gt(2), 0, 1) end)
end)

test("no gradient flows through what a condition hides, not even NaN", function()
  local leaf = mb.tensor({ -1.0, 4.0 }):requires_grad()
  local loss = mb.where(leaf:gt(0), leaf:masked_fill(leaf:le(0), 1):sqrt(), 0):sum()
  spec.equal(mb.grad(loss, { leaf })[1], { 0, 0.25 })
end)

test("conditions are bool tensors", function()
  spec.fails("where: wants a bool tensor, got float32", function() return mb.where(x, x, x) end)
  spec.fails("masked_fill: wants a bool tensor, got float32", function() return x:masked_fill(x, 0) end)
  spec.fails("logical_and: wants a bool tensor, got float32", function() return x:logical_and(x) end)
end)

test("shapes that differ are named", function()
  spec.fails("lt: shapes differ: [2, 3] and [2]", function() return x:lt(mb.zeros(2)) end)
  spec.fails("where: shapes differ: [2, 3] and [2]", function() return mb.where(x:gt(2), x, mb.zeros(2)) end)
  spec.fails("maximum: shapes differ: [2, 3] and [2]", function() return x:maximum(mb.zeros(2)) end)
  spec.fails("masked_fill: shapes differ: [2, 3] and [2]", function() return x:masked_fill(mb.tensor { true, false }, 0) end)
end)
