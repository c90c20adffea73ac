-- Sums of many values: exact along every dim, whatever they are part of.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local MANY = 1048576
local TENTH = 0.10000000149011612  -- the float next to 0.1

-- A million tenths, along each dim of tensors of one to four dims.
local function shapes()
  return { { { MANY }, 1 }, { { MANY, 2 }, 1 }, { { 2, MANY }, 2 }, { { 2, MANY, 2 }, 2 }, { { MANY, 1, 1, 1 }, 1 } }
end

test("sum, mean, variance and norm of a million values are right along every dim", function()
  for _, case in ipairs(shapes()) do
    local shape, dim = table.unpack(case)
    local x = mb.full(shape, 0.1)
    spec.near(x:sum(dim):max(), TENTH * MANY, 1e-7)
    spec.near(x:mean(dim):max(), TENTH, 1e-7)
    spec.near(x:mean():item(), TENTH, 1e-7)
    spec.near(x:norm(dim):max(), TENTH * 1024, 1e-7)
    spec.equal(x:var(dim):max():item(), 0)
    spec.equal(x:std():item(), 0)
  end
end)

test("the variance of values far from 0 is that of the same values near it", function()
  local near = (mb.range(0, 65535) % 16):cast("float32")
  for _, shift in ipairs { 1e3, 1e5, 1e6 } do
    spec.near((near + shift):var():item(), near:var():item(), 1e-6)
    spec.near((near + shift):reshape(256, 256):std(1), near:reshape(256, 256):std(1), 1e-6)
  end
end)

test("the gradient of what is broadcast over many rows is exact", function()
  for _, operation in ipairs {
    function(x, b) return x + b end,
    function(x, b) return x - b end,
    function(x, b) return b - x end,
    function(x, b) return x * b end,
    function(x, b) return b / x end,
    function(x, b) return x / b end,
    function(x, b) return mb.where(x:gt(0), b, x) end,
    function(x, b) return x:maximum(b) end,
    function(x, b) return x ^ b end,
    function(x, b) return b ^ x end,
    function(x, b) return b:expand(x.shape) end,
    function(x, b) return x * b:unsqueeze(1) end,
  } do
    -- One row's gradient, as often as there are rows.
    local function gradient(rows)
      local b = mb.tensor({ 1.0, 2.0 }):requires_grad()
      return mb.grad(operation(mb.full({ rows, 2 }, 0.1), b):sum(), { b })[1]
    end
    spec.near(gradient(MANY) / MANY, gradient(1), 1e-6)
  end
end)

test("the gradient of a row that is selected many times is exact", function()
  local x = mb.tensor({ { 1.0, 2.0 }, { 3.0, 4.0 } }):requires_grad()
  local positions = mb.ones(MANY):cast("int32")
  local loss = (x:index_select(1, positions) * mb.full({ MANY, 2 }, 0.1)):sum()
  spec.near(mb.grad(loss, { x })[1], { { TENTH * MANY, TENTH * MANY }, { 0, 0 } }, 1e-7)
end)

test("softmax over a million classes sums to 1, and its logarithm is that of one over the classes", function()
  local x = mb.zeros(1, MANY):requires_grad()
  spec.near(x:softmax():sum():item(), 1, 1e-7)
  spec.near(x:log_softmax():index(1, 1):index(1, 1):item(), -math.log(MANY), 1e-7)
  spec.near(x:transpose():log_softmax(1):mean():item(), -math.log(MANY), 1e-7)
  local loss = mb.loss.cross_entropy(x, mb.tensor { 1 })
  spec.near(loss:item(), math.log(MANY), 1e-7)
  spec.near(mb.grad(loss, { x })[1]:slice(2, 2):sum():item(), 1 - 1 / MANY, 1e-6)
end)

test("pooling and batch normalisation of large images are as exact", function()
  local x = mb.full({ 2, 1, 512, 512 }, 0.1)
  spec.near(mb.nn.global_avg_pool()(x), { { TENTH }, { TENTH } }, 1e-7)
  spec.near(mb.nn.avg_pool2d({ kernel = 512 })(x):flatten(), { TENTH, TENTH }, 1e-6)
  local norm = mb.nn.batch_norm(1):realise("norm")
  norm(x)
  local state = norm:state()
  spec.near(state.running_mean, { 0.1 * TENTH }, 1e-6)
  spec.near(state.running_var, { 0.9 }, 1e-6)
  local gradient = mb.grad(norm(x):sum(), { norm.bias })[1]
  spec.near(gradient, { 2 * 512 * 512 }, 1e-7)
end)

test("the gradient of values that are gathered again and again is exact", function()
  local x = mb.tensor({ { 1.0, 2.0 }, { 3.0, 4.0 } }):requires_grad()
  local positions = mb.ones(MANY, 2):cast("int32")
  local loss = (x:gather(1, positions) * mb.full({ MANY, 2 }, 0.1)):sum()
  spec.near(mb.grad(loss, { x })[1], { { TENTH * MANY, TENTH * MANY }, { 0, 0 } }, 1e-7)
  local narrow = x:gather(2, mb.tensor { { 2, 2, 1 } }) * mb.tensor { { 1.0, 2.0, 4.0 } }
  spec.equal(mb.grad(narrow:sum(), { x })[1], { { 4, 3 }, { 0, 0 } })
end)

test("the gradient of a product with one column is exact, and that of a batch of them right", function()
  local w = mb.tensor({ { 1.0 }, { 2.0 } }):requires_grad()
  local loss = mb.full({ MANY, 2 }, 0.1):matmul(w):sum()
  spec.near(mb.grad(loss, { w })[1], { { TENTH * MANY }, { TENTH * MANY } }, 1e-7)
  local x = mb.tensor({ { { 1.0, 2.0 }, { 3.0, 4.0 } }, { { 5.0, 6.0 }, { 7.0, 8.0 } } }):requires_grad()
  local by_output = mb.tensor { { { 1.0 }, { 2.0 } }, { { 3.0 }, { 4.0 } } }
  local both = mb.grad((x:matmul(w) * by_output):sum(), { x, w })
  spec.equal(both[1], { { { 1, 2 }, { 2, 4 } }, { { 3, 6 }, { 4, 8 } } })
  spec.equal(both[2], { { 50 }, { 60 } })
end)

test("an infinity is in the mean of those windows alone that it is in", function()
  local values = {}
  for row = 1, 20 do
    values[row] = {}
    for column = 1, 20 do values[row][column] = 0.0 end
  end
  values[1][1] = math.huge
  local x = mb.tensor { { values } }
  spec.equal(mb.nn.avg_pool2d({ kernel = 9 })(x), { { { { math.huge, 0 }, { 0, 0 } } } })
end)
