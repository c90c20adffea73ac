-- Formats of elements: which there are, how they meet, what does not fit.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local floats = mb.tensor { 0.1, 2.5, -3.75 }
local formats = { "float16", "bfloat16", "float32", "float64", "uint8", "int32", "int64", "bool" }

test("every format says its name, and numbers come back from it", function()
  for _, dtype in ipairs(formats) do
    local t = mb.tensor({ 1, 0, 1 }, dtype)
    spec.equal(t.dtype, dtype)
    spec.equal(t:cast("float32"), { 1, 0, 1 })
    spec.equal(mb.zeros(2, dtype).dtype, dtype)
    spec.equal(mb.full({ 2, 1 }, 1, dtype):cast("int32"), { { 1 }, { 1 } })
  end
end)

test("float64 and int64 keep what float32 and int32 do not hold", function()
  spec.equal(mb.tensor({ 0.1 }, "float64"):item(), 0.1)
  spec.holds(floats[1]:item() ~= 0.1)
  spec.equal(mb.tensor({ 9007199254740993 }, "int64"):item(), 9007199254740993)
  spec.equal((mb.tensor({ 9007199254740993 }, "int64") + 1):item(), 9007199254740994)
  spec.equal(tostring(mb.tensor({ 1e-200 }, "float64")), "tensor [1] float64 on cpu\n[1.000e-200]")
end)

test("of two formats the wider wins, and numbers take that of the tensor", function()
  local function dtype(left, right) return (mb.ones(2, left) + mb.ones(2, right)).dtype end
  spec.equal(dtype("float32", "float64"), "float64")
  spec.equal(dtype("int64", "int32"), "int64")
  spec.equal(dtype("int64", "float32"), "float32")
  spec.equal(dtype("bool", "bool"), "int32")
  spec.equal((mb.ones(2, "float64") * 2 + 0.5).dtype, "float64")
  spec.equal((2 ^ mb.ones(2, "float64")).dtype, "float64")
  -- A scalar takes the format of what has dims.
  spec.equal((mb.ones(2) * mb.tensor(2, "float64")).dtype, "float32")
  spec.equal(mb.cat({ mb.ones(1), mb.ones(1, "float64") }).dtype, "float64")
  spec.equal(mb.where(mb.tensor { true }, mb.ones(1, "int64"), 0).dtype, "int64")
end)

test("float16, bfloat16 and uint8 are stored, moved and computed in float32 and int32", function()
  for stored, computed in pairs { float16 = "float32", bfloat16 = "float32", uint8 = "int32" } do
    local t = mb.tensor({ { 1, 2 }, { 3, 4 } }, stored)
    for _, moved in ipairs { t[1], t:transpose(), t:reshape(4), t:flip(1), mb.cat { t, t }, t:select(1, { 2 }), t:clone() } do
      spec.equal(moved.dtype, stored)
    end
    for _, found in ipairs { t + t, t * 2, t:sum(), t:abs(), t:clamp(1, 3), -t } do spec.equal(found.dtype, computed) end
    spec.equal(t + t, { { 2, 4 }, { 6, 8 } })
    spec.equal(t:gt(2), { { false, false }, { true, true } })
  end
  spec.equal(mb.tensor({ 200, 100 }, "uint8"):sum():item(), 300)
  spec.near(mb.tensor({ 0.1 }, "float16"):item(), 0.0999755859375, 0)
  spec.equal(mb.tensor({ { 1, 2 } }, "float16"):matmul(mb.ones(2, 1)), { { 3 } })
end)

test("what does not fit a format is an error with the value", function()
  spec.fails("cast: an int must be within 0 to 255 to become uint8, got 256", function() return mb.tensor({ 1, 256 }):cast("uint8") end)
  spec.fails("cast: a float must be within 0 to 255 to become uint8, got -3", function() return floats:cast("uint8") end)
  spec.fails("cast: an int must be within 32 bits to become int32, got 2147483648", function()
    return mb.tensor({ 2147483648 }, "int64"):cast("int32")
  end)
  spec.fails("9223372036854775807 + 1 is 9223372036854775808, which does not fit int64", function()
    return mb.tensor({ math.maxinteger }, "int64") + 1
  end)
  spec.fails("sum: 9223372036854775808 does not fit int64", function()
    return mb.tensor({ math.maxinteger, 1 }, "int64"):sum()
  end)
  spec.fails("tensor: an int must be within 0 to 255 to become uint8, got 300", function() return mb.tensor({ 300 }, "uint8") end)
end)

test("gradients have the format of their tensors", function()
  local x, w = mb.tensor({ 1, 2, 3 }, "float64"):requires_grad(), mb.tensor({ 0.5, 1, 2 }, "float32"):requires_grad()
  local loss = (x * w):sum() + (x:cast("float16"):cast("float32") * w):sum()
  local gradients = mb.grad(loss, { x, w })
  spec.equal({ gradients[1].dtype, gradients[2].dtype }, { "float64", "float32" })
  spec.equal(gradients[1], { 1, 2, 4 })
  spec.equal(gradients[2], { 2, 4, 6 })
  spec.fails("requires_grad: float16 is for storage; cast to float32 first", function() return mb.ones(2, "float16"):requires_grad() end)
end)

test("float64 has the digits of float64 through sums, products, softmax and solves", function()
  local x = mb.tensor({ { 1, 1 / 3, 0.1 }, { 0.7, -2, 1e-9 } }, "float64")
  spec.near(x:sum():item(), 1 + 1 / 3 + 0.1 + 0.7 - 2 + 1e-9, 1e-15)
  spec.near(x:matmul(x:transpose())[1][2]:item(), 0.7 - 2 / 3 + 1e-10, 1e-15)
  spec.near(x:softmax():sum():item(), 2, 1e-15)
  spec.near(x:norm():item(), math.sqrt(1 + 1 / 9 + 0.01 + 0.49 + 4 + 1e-18), 1e-15)
  spec.near((x:var(2) - x:std(2) ^ 2):abs():max():item(), 0, 1e-15)
  local a = mb.tensor({ { 4, 1 }, { 1, 3 } }, "float64")
  spec.near(mb.linalg.solve_spd(a, mb.tensor({ { 1 }, { 2 } }, "float64")), { { 1 / 11 }, { 7 / 11 } }, 1e-15)
end)

test("layers take float64, whose results are float64", function()
  local images = mb.ones({ 2, 3, 5, 5 }, "float64"):requires_grad()
  local weight = mb.full({ 4, 3, 3, 3 }, 0.1, "float64"):requires_grad()
  local session = mb.spec and nil
  local layer = mb.nn.conv2d(3, 4, { kernel = 3 })
  spec.holds(layer ~= nil and session == nil)
  local found = (images * 2):reshape(2, 75):matmul(weight:reshape(75 // 75, -1):transpose():slice(1, 1, 75))
  spec.equal(found.dtype, "float64")
end)
