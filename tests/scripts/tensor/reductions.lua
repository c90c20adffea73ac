local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local nan, inf = 0 / 0, math.huge

test("a NaN makes the extreme NaN, and argmax finds it", function()
  spec.near(mb.tensor({ 1.0, nan, 3.0 }):max():item(), nan)
  spec.near(mb.tensor({ { 1.0, nan }, { 3.0, 2.0 } }):max(2), { nan, 3 })
  spec.near(mb.tensor({ 1.0, nan, 3.0 }):min():item(), nan)
  spec.equal(mb.tensor({ 1.0, nan, 3.0 }):argmax():item(), 2)
  spec.near(mb.tensor({ 1.0, nan, 0.0 }):maximum(mb.tensor { nan, 1.0, 2.0 }), { nan, nan, 2 })
  spec.near(mb.tensor({ 1.0, nan, 0.0 }):minimum(mb.tensor { nan, 1.0, 2.0 }), { nan, nan, 0 })
end)

test("topk puts NaN first, whatever its sign", function()
  for _, odd in ipairs { nan, -nan } do
    local values, positions = mb.tensor({ 1.0, odd, 3.0 }):topk(2)
    spec.near(values, { nan, 3 })
    spec.equal(positions, { 2, 3 })
  end
end)

test("of equals the first is found", function()
  spec.equal(mb.tensor({ 1.0, 3.0, 3.0 }):argmax():item(), 2)
  spec.equal(mb.tensor({ 3, 1, 1 }):argmin():item(), 2)
  local _, positions = mb.tensor({ 0.0, -0.0, 0.0 }):topk(3)
  spec.equal(positions, { 1, 2, 3 })
end)

test("the gradient of max goes to the first of equals along a dim, and evenly to equals of all and of two", function()
  local x, y = mb.tensor({ 3.0, 3.0 }):requires_grad(), mb.tensor({ 3.0, 1.0 }):requires_grad()
  spec.equal(mb.grad(x:max(1), { x })[1], { 1, 0 })
  spec.equal(mb.grad(x:max(), { x })[1], { 0.5, 0.5 })
  local gradients = mb.grad(x:maximum(y):sum(), { x, y })
  spec.equal(gradients[1], { 0.5, 1 })
  spec.equal(gradients[2], { 0.5, 0 })
end)

test("the positions of ints and bools are found too", function()
  spec.equal(mb.tensor({ { 1, 9 }, { 5, 2 } }):argmax(), { 2, 1 })
  spec.equal(mb.tensor({ false, true }):argmax():item(), 2)
end)

test("bools are counted, and the mean of ints is float", function()
  spec.equal(mb.tensor({ true, false, true }):sum():item(), 2)
  spec.equal(mb.tensor({ 1, 2 }):mean():item(), 1.5)
  spec.equal(mb.tensor({ true, false }):mean().dtype, "float32")
end)

test("a scalar reduces to itself", function()
  local x = mb.tensor(2.0)
  spec.equal(x:sum():item(), 2)
  spec.equal(x:max():item(), 2)
  spec.equal(x:norm():item(), 2)
end)

test("the unbiased variance of one element is an error", function()
  spec.fails("var: the unbiased variance wants at least 2 elements, got shape [1]", function() return mb.ones(1):var() end)
  spec.fails("std: the unbiased variance wants at least 2 elements, got shape [2, 1]", function() return mb.ones(2, 1):std(2) end)
end)

test("softmax does not overflow", function()
  spec.equal(mb.tensor({ 1000.0, 0.0 }):log_softmax(), { 0, -1000 })
  spec.equal(mb.tensor({ -inf, 1.0 }):softmax(), { 0, 1 })
end)

test("a row of zeros normalises to zeros, with a gradient that is finite", function()
  local x = mb.zeros(3):requires_grad()
  spec.equal(x:normalize(), { 0, 0, 0 })
  spec.holds(mb.grad(x:normalize():sum(), { x })[1]:abs():max():item() < inf)
end)

test("topk takes 1 to the size of the dim", function()
  spec.fails("topk: k must be 1 to 3, got 4", function() return mb.ones(2, 3):topk(4) end)
  spec.fails("topk: k must be a positive integer, got 0", function() return mb.ones(2, 3):topk(0) end)
end)
