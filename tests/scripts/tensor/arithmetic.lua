local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

test("shapes broadcast from the right", function()
  local a, b = mb.tensor { { 1, 2, 3 }, { 4, 5, 6 } }, mb.tensor { 10, 20, 30 }
  spec.equal(a + b, { { 11, 22, 33 }, { 14, 25, 36 } })
  spec.equal((a + mb.tensor { { 1 }, { 2 } }):to_table(), { { 2, 3, 4 }, { 6, 7, 8 } })
end)

test("numbers stand on either side of an operator", function()
  local x = mb.tensor { 1.0, 2.0, 4.0 }
  spec.equal(1 + x, { 2, 3, 5 })
  spec.equal(8 / x, { 8, 4, 2 })
  spec.equal(-x, { -1, -2, -4 })
  spec.near(2 ^ x, { 2, 4, 16 })
  spec.equal(x % 3, { 1, 2, 1 })
end)

test("int division is float, and floor division stays int", function()
  local x = mb.tensor { 7, -7 }
  spec.equal((x / 2).dtype, "float32")
  spec.equal(x / 2, { 3.5, -3.5 })
  spec.equal((x // 2).dtype, "int32")
  spec.equal(x // 2, { 3, -4 })
end)

test("shapes that differ are an error that names both", function()
  spec.fails("add: shapes differ: [2, 3] and [4]", function() return mb.zeros(2, 3) + mb.zeros(4) end)
end)

test("an unknown method gets a suggestion", function()
  spec.fails("Tensor: unknown name 'reshap'; did you mean 'reshape'?", function() return mb.zeros(2):reshap(2) end)
end)
