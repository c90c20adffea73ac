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

test("topk takes 0 to the size of the dim", function()
  spec.fails("topk: k must be 0 to 3, got 4", function() return mb.ones(2, 3):topk(4) end)
  spec.fails("topk: k must be an integer of at least 0, got -1", function() return mb.ones(2, 3):topk(-1) end)
end)

test("several dims go at once, in any order and from the end", function()
  local x = mb.arange(1, 24):reshape(2, 3, 4)
  spec.equal(x:sum({ 3, 1 }), { 68, 100, 132 })
  spec.equal(x:sum({ -1, -3 }), x:sum({ 1, 3 }))
  spec.equal(x:max({ 2, 3 }, true).shape, { 2, 1, 1 })
  spec.equal(x:sum({ 1, 2, 3 }):item(), x:sum():item())
  spec.equal(x:mean({ 2 }), x:mean(2))
  spec.equal(x:cast("float32"):std({ 1, 2, 3 }):item(), x:cast("float32"):std():item())
end)

test("dims that are no dims", function()
  local x = mb.ones(2, 3)
  spec.fails("sum: dim 3 is out of range: 1 to 2, or -1 to -2", function() return x:sum({ 1, 3 }) end)
  spec.fails("sum: dim must be different dims, got 2 twice", function() return x:sum({ 2, -1 }) end)
  spec.fails("max: dim must be at least one dim, got an empty list", function() return x:max({}) end)
  spec.fails("mean: dim[2] must be an integer, got the string 'a'", function() return x:mean({ 1, "a" }) end)
  spec.fails("var: dim must be an integer or a list of integers, got true", function() return x:var(true) end)
  spec.fails("any: dim must be an integer or a list of integers, got", function() return x:any(x) end)
  spec.fails("prod: dim 1 is out of range: a scalar has none", function() return mb.tensor(2.0):prod(1) end)
end)

test("a correction takes elements away", function()
  local x = mb.tensor { 1.0, 3.0, 5.0 }
  spec.near(x:var(nil, false, 0):item(), 8 / 3)
  spec.near(x:var():item(), 4)
  spec.near(x:var({ 1 }, false, 2):item(), 8)
  spec.equal(mb.ones(1):var(1, false, 0):item(), 0)
  spec.fails("var: the variance with correction 3 wants more than 3 elements, got shape [3]", function() return x:var(1, false, 3) end)
  spec.fails("std: correction must be finite, got inf", function() return x:std(1, false, inf) end)
  spec.fails("std: correction must be a number, got true", function() return x:std(1, false, true) end)
end)

test("any and all take what is not 0 for true", function()
  spec.equal(mb.tensor({ 0.0, nan }):any():item(), true)
  spec.equal(mb.tensor({ 1.0, nan }):all():item(), true)
  spec.equal(mb.tensor({ { 0, 2 }, { 0, 0 } }):any(1), { false, true })
  spec.equal(mb.tensor({ { 0, 2 }, { 0, 0 } }):count_nonzero({ 1, 2 }):item(), 1)
  spec.equal(mb.ones(2):any().dtype, "bool")
end)

test("amax shares a gradient out where max along one dim does not", function()
  local x = mb.tensor({ { 3.0, 3.0 } }):requires_grad()
  spec.equal(mb.grad(x:amax(2):sum(), { x })[1], { { 0.5, 0.5 } })
  spec.equal(mb.grad(x:max({ 2 }):sum(), { x })[1], { { 1, 0 } })
  spec.equal(mb.grad(x:max({ 1, 2 }):sum(), { x })[1], { { 0.5, 0.5 } })
end)

test("logsumexp does not overflow", function()
  spec.near(mb.tensor({ 1000.0, 1000.0 }):logsumexp():item(), 1000 + math.log(2))
  spec.equal(mb.tensor({ -inf, -inf }):logsumexp():item(), -inf)
end)
