local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local swish = mb.kernel("swish.wgsl", { backward = "swish_backward.wgsl" })

local function reference(x, beta)
  return x * (beta * x):sigmoid()
end

test("the gradient by another kernel is that of the formula, whatever the size", function()
  for _, count in ipairs { 1, 63, 65, 1000 } do
    local values, weights = mb.randn(count), mb.randn(count)
    local x = values:requires_grad()
    local got = mb.grad((swish { x = x, beta = 1.5 } * weights):sum(), { x })[1]
    x = values:requires_grad()
    spec.near(got, mb.grad((reference(x, 1.5) * weights):sum(), { x })[1])
  end
end)

test("it is a part of a longer tape", function()
  local values = mb.randn(4, 6)
  local function both(f)
    local x = values:requires_grad()
    return mb.grad((f(x:matmul(x:transpose())):exp():mean() + x:sum()), { x })[1]
  end
  spec.near(both(function(z) return swish { x = z * 0.1, beta = 2 } end), both(function(z) return reference(z * 0.1, 2) end))
end)

local product = mb.kernel("tests/shaders/product.wgsl", {
  shapes = function(inputs) return { product = { inputs.rows, inputs.columns } } end,
  threads = function(inputs) return { inputs.columns, inputs.rows } end,
  backward = {
    "product_backward.wgsl",
    threads = function(inputs) return math.max(inputs.rows, inputs.columns) * inputs.inner end,
  },
})

local function sizes(left, right, rows, inner, columns)
  return { left = left, right = right, rows = rows, inner = inner, columns = columns }
end

test("a kernel of two inputs has both gradients, or that of the one that is on the tape", function()
  local left, right, weights = mb.randn(3, 7), mb.randn(7, 11), mb.randn(3, 11)
  local a, b = left:requires_grad(), right:requires_grad()
  local got = mb.grad((product(sizes(a, b, 3, 7, 11)) * weights):sum(), { a, b })
  spec.near(got[1], weights:matmul(right:transpose()), 1e-4)
  spec.near(got[2], left:transpose():matmul(weights), 1e-4)
  b = right:requires_grad()
  spec.near(mb.grad((product(sizes(left, b, 3, 7, 11)) * weights):sum(), { b })[1], left:transpose():matmul(weights), 1e-4)
end)

test("without a tape nothing is recorded", function()
  local x = mb.randn(5):requires_grad()
  mb.no_grad(function()
    spec.fails("depends on nothing that requires a gradient", function()
      mb.grad(swish { x = x, beta = 1 }:sum(), { x })
    end)
  end)
end)

test("a tape is cut only where the script says so", function()
  local x = mb.randn(5):requires_grad()
  local plain = mb.kernel("swish.wgsl")
  spec.fails("input 'x' is on the tape, and there is no gradient by it: detach it, or write grad_x in a backward kernel", function()
    plain { x = x, beta = 1 }
  end)
  spec.equal(plain { x = x:detach(), beta = 1 }.shape, { 5 })
  mb.no_grad(function() spec.equal(plain { x = x, beta = 1 }.shape, { 5 }) end)
end)

test("check_gradient passes what is right, of a kernel and of any function", function()
  spec.holds(mb.check_gradient(swish, { x = mb.randn(5, 30), beta = 0.7 }) < 0.01)
  spec.holds(mb.check_gradient(product, sizes(mb.randn(4, 5), mb.randn(5, 3), 4, 5, 3)) < 0.01)
  spec.holds(mb.check_gradient(function(x, y) return (x * y):softmax(2):log():mean() end, { mb.randn(3, 4), mb.randn(4) }) < 0.01)
end)

test("check_gradient finds a gradient that is wrong, and says where", function()
  local wrong = mb.kernel("swish.wgsl", { backward = "tests/shaders/swish_wrong.wgsl" })
  local ok, raised = pcall(mb.check_gradient, wrong, { x = mb.tensor { { 0.1, 0.2 }, { 0.3, 2.0 } }, beta = 3 })
  spec.holds(not ok)
  local text = tostring(raised)
  spec.holds(text:find("check_gradient: by 'x' at [2, 1] the gradient is ", 1, true), text)
  spec.holds(text:find("over the tolerance of 0.01", 1, true), text)
  spec.fails("over the tolerance", function()
    mb.check_gradient(function(x) return x:detach() * x end, { mb.tensor { 1.0, 2.0 } })
  end)
end)

test("check_gradient refuses what it cannot check", function()
  spec.fails("the function gives another value for the same inputs", function()
    mb.check_gradient(function(x) return x * mb.rand(3) end, { mb.randn(3) })
  end)
  spec.fails("depends on nothing that requires a gradient", function()
    mb.check_gradient(function() return mb.ones(3) end, { mb.randn(3) })
  end)
  spec.fails("check_gradient: f must be a function or a kernel, got 3", function() mb.check_gradient(3, { mb.randn(3) }) end)
  spec.fails("check_gradient: inputs must be at least one float tensor, got none", function()
    mb.check_gradient(function(x) return x end, { mb.tensor { 1 } })
  end)
  spec.fails("oh no", function() mb.check_gradient(function() error("oh no") end, { mb.randn(3) }) end)
end)
