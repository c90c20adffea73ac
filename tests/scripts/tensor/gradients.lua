local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local function leaf(values)
  return mb.tensor(values):requires_grad()
end

test("the gradient with respect to several inputs comes in their order", function()
  local x, y, unused = leaf { 1.0, 2.0 }, leaf { 3.0, 4.0 }, leaf { 5.0 }
  local gradients = mb.grad((x * y):sum(), { y, unused, x })
  spec.equal(gradients[1], { 1, 2 })
  spec.equal(gradients[2], { 0 })
  spec.equal(gradients[3], { 3, 4 })
end)

test("an input that is used twice gets the sum", function()
  local x = leaf { 1.0, 2.0 }
  spec.equal(mb.grad((x * x + 3 * x):sum(), { x })[1], { 5, 7 })
end)

test("a loss of one element counts as a scalar", function()
  local x = leaf { { 2.0 } }
  spec.equal(mb.grad(x * x, { x })[1], { { 4 } })
end)

test("gradients agree with finite differences", function()
  local function f(x)
    return ((x:matmul(x:transpose()):softmax(2) * x:sum(2, true)):log1p():tanh() + x:norm() / x:std()):mean()
  end
  local values = { { 0.3, 1.2, 0.7 }, { 1.1, 0.2, 0.9 } }
  local x = leaf(values)
  local gradient = mb.grad(f(x), { x })[1]
  for row = 1, 2 do
    for column = 1, 3 do
      local at = values[row][column]
      values[row][column] = at + 1e-2
      local above = f(mb.tensor(values)):item()
      values[row][column] = at - 1e-2
      local below = f(mb.tensor(values)):item()
      values[row][column] = at
      spec.holds(math.abs(gradient[row][column]:item() - (above - below) / 2e-2) < 2e-3)
    end
  end
end)

test("a second backward pass over one tape is an error that says what to do", function()
  local x = leaf { 1.0 }
  local loss = (x * x):sum()
  mb.grad(loss, { x })
  spec.fails("an earlier backward pass has used up the tape; compute the loss anew", function() mb.grad(loss, { x }) end)
end)

test("losses that share a part of the tape are differentiated once, together", function()
  local x = leaf { 3.0 }
  local y = x * x
  local one, two = y:sum(), (y * y):sum() + x:sum()
  mb.grad(one, { x })
  spec.fails("an earlier backward pass has used up the tape", function() mb.grad(two, { x }) end)
end)

test("detach cuts the tape", function()
  local x = leaf { 3.0 }
  spec.equal(mb.grad((x * x:detach()):sum(), { x })[1], { 3 })
  spec.fails("depends on nothing that requires a gradient", function() mb.grad(x:detach():sum(), { x }) end)
end)

test("no_grad records nothing and returns what its function returns", function()
  local x = leaf { 3.0 }
  local y, more = mb.no_grad(function() return x * 2, "more" end)
  spec.equal(y, { 6 })
  spec.equal(more, "more")
  spec.equal(mb.grad((x * y):sum(), { x })[1], { 6 })
end)

test("an error inside no_grad brings gradients back and keeps its line", function()
  local x = leaf { 3.0 }
  spec.fails("gradients.lua:79: boo", function()
    mb.no_grad(function() error("boo") end)
  end)
  spec.fails("gradients.lua:82: add: shapes differ: [3] and [2]", function()
    mb.no_grad(function() return mb.zeros(3) + mb.zeros(2) end)
  end)
  spec.equal(mb.grad((x * x):sum(), { x })[1], { 6 })
end)

test("scopes without gradients nest", function()
  local x = leaf { 3.0 }
  local y = mb.no_grad(function()
    mb.no_grad(function() end)
    return x * 2
  end)
  spec.fails("depends on nothing that requires a gradient", function() mb.grad(y:sum(), { x }) end)
end)

test("the loss must be a float scalar that depends on a leaf", function()
  local x = leaf { 1.0, 2.0 }
  spec.fails("the loss must be a scalar, got shape [2]", function() mb.grad(x * 2, { x }) end)
  spec.fails("wants a float32 tensor, got bool", function() mb.grad(x:gt(1), { x }) end)
  spec.fails("depends on nothing that requires a gradient", function() mb.grad(mb.ones(2):sum(), { x }) end)
  spec.fails("depends on nothing that requires a gradient: nothing is recorded inside no_grad", function()
    mb.no_grad(function() return mb.grad((x * 2):sum(), { x }) end)
  end)
end)

test("an input must be on the tape, and may be computed from others", function()
  local x = leaf { 1.0, 2.0 }
  local middle = x * 2
  local both = mb.grad((middle * middle):sum(), { x, middle })
  spec.equal(both[1], { 8, 16 })
  spec.equal(both[2], { 4, 8 })
  spec.fails("input 1 does not require a gradient: make it by requires_grad, and compute the loss from that", function() mb.grad(middle:sum(), { mb.ones(2) }) end)
  local cut = middle:detach():requires_grad()
  spec.equal(mb.grad((cut * cut):sum(), { cut })[1], { 4, 8 })
  spec.fails("grad: inputs must be a table of tensors, got a Tensor", function() mb.grad(middle:sum(), x) end)
  spec.fails("grad: inputs[1] must be a tensor, got 3", function() mb.grad(middle:sum(), { 3 }) end)
end)

test("only float tensors require gradients", function()
  spec.fails("requires_grad: wants a float32 tensor, got int32", function() return mb.tensor({ 1 }):requires_grad() end)
end)

test("floor division and comparison have no gradient, casts of floats keep it", function()
  local x = leaf { 2.5 }
  spec.equal(mb.grad((x + x // 1 + x:gt(1)):cast("float32"):sum(), { x })[1], { 1 })
end)

test("the norm of zeros has the gradient 0", function()
  local x = mb.zeros(3):requires_grad()
  spec.equal(mb.grad(x:norm(), { x })[1], { 0, 0, 0 })
  local y = mb.tensor({ { 3.0, 4.0 }, { 0.0, 0.0 } }):requires_grad()
  spec.near(y:norm(2), { 5, 0 })
  spec.near(mb.grad(y:norm(2):sum(), { y })[1], { { 0.6, 0.8 }, { 0, 0 } })
end)

test("the gradient of a norm or deviation is exact however small both are", function()
  local function gradient(values, loss)
    local x = leaf(values)
    return mb.grad(loss(x), { x })[1]
  end
  spec.equal(gradient({ 1e-36, 0.0 }, function(x) return x:norm() * 65536 end), { 65536, 0 })
  spec.equal(gradient({ 1e-39, 0.0 }, function(x) return x:norm() end), { 1, 0 })
  local half = math.sqrt(0.5)
  spec.near(gradient({ 1e-36, 0.0 }, function(x) return x:std() * 65536 end), { 65536 * half, -65536 * half }, 1e-6)
  spec.near(gradient({ 3e-36, 0.0, 4e-36 }, function(x) return x:norm() * 65536 end), { 39321.6, 0, 52428.8 }, 1e-6)
end)
