-- mb.grad: gradients of any order, of everything that has a first one.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local function leaf(values)
  return mb.tensor(values, "float32"):requires_grad()
end

-- A scalar that no layer leaves constant, as normalisation does the sum of squares.
local function weighed(y)
  local weights = (1.7 * mb.range(1, y:numel()):cast("float32")):sin():reshape(y.shape)
  return (weights * y:sin() + 0.1 * y * y * y):sum()
end

-- Second and third gradients of a function, by finite differences of the ones before.
local function is_smooth(name, function_of, input)
  local options = { samples = 12, tolerance = 0.03 }
  local function first(x)
    return mb.grad(weighed(function_of(x)), { x }, { create_graph = true })[1]
  end
  local function second(x)
    return mb.grad(weighed(first(x)), { x }, { create_graph = true })[1]
  end
  test(name .. " has gradients of second and third order", function()
    local x = input()
    spec.holds(mb.check_gradient(first, { x }, options) < options.tolerance)
    spec.holds(mb.check_gradient(second, { x }, options) < options.tolerance)
  end)
end

local function layer(name, module, ...)
  local shape = { ... }
  is_smooth(name, function(x) return module():realise("layer")(x) end, function() return mb.randn(table.unpack(shape)) end)
end

layer("a linear layer", function() return mb.nn.linear(3, 2) end, 2, 3)
layer("batch norm of rows", function() return mb.nn.batch_norm(3) end, 5, 3)
layer("batch norm of images", function() return mb.nn.batch_norm(2) end, 3, 2, 3, 3)
layer("batch norm in evaluation", function()
  local norm = mb.nn.batch_norm(3)
  norm:eval()
  return norm
end, 5, 3)
layer("a convolution", function() return mb.nn.conv2d(2, 3, { kernel = 3, padding = 1 }) end, 2, 2, 5, 5)
layer("a convolution with strides", function() return mb.nn.conv2d(2, 3, { kernel = 3, stride = 2 }) end, 2, 2, 5, 5)
layer("average pooling", function() return mb.nn.avg_pool2d { kernel = 2 } end, 2, 1, 4, 4)
layer("global average pooling", function() return mb.nn.global_avg_pool() end, 2, 2, 3, 3)
layer("a projector", function() return mb.nn.projector { 3, 4, 2 } end, 6, 3)
is_smooth("max pooling", function(x) return mb.nn.max_pool2d { kernel = 2 }:realise("layer")(x) end, function()
  return mb.range(1, 16):cast("float32"):reshape(1, 1, 4, 4) / 7
end)
is_smooth("a functional call", function(w)
  return mb.nn.linear(3, 2):realise("layer"):functional_call({ weight = w }, mb.full({ 2, 3 }, 0.3))
end, function() return mb.randn(2, 3) end)
is_smooth("cross-entropy", function(x) return mb.loss.cross_entropy(x, mb.tensor { 1, 2, 1, 3 }) end, function()
  return mb.randn(4, 3)
end)
is_smooth("NT-Xent", function(x) return mb.loss.nt_xent(x, { views = 2 }) end, function() return mb.randn(4, 3) end)

-- An episode of two classes with two shots and one query each, as heads see it.
local episode = { ways = 2, support_labels = mb.tensor { { 1, 2, 1, 2 } }, query_labels = mb.tensor { { 1, 2 } } }

local function head(name, options)
  is_smooth("the head " .. name, function(support)
    local query = mb.tensor { { { 0.4, -0.2, 0.7 }, { -0.6, 0.3, 0.5 } } }
    return require("moonburn.heads." .. name).logits(support:normalize(), query:normalize(), episode, options)
  end, function() return mb.randn(1, 4, 3) end)
end

head("ridge", { lambda = 1, temperature = 1 })
head("svm", { c = 0.1, ridge = 1, temperature = 1 })

test("the Hessian of ResNet-18 is symmetric", function()
  local network, x = mb.model.resnet18 { stem = "cifar", width = 4 }:realise("network"), mb.randn(4, 3, 16, 16)
  local leaves, one, other = {}, {}, {}
  for name, value in pairs(network:parameters()) do
    leaves[name] = value:detach():requires_grad()
    one[name], other[name] = mb.randn(table.unpack(value.shape)), mb.randn(table.unpack(value.shape))
  end
  local function along(found, way)
    local sum = 0
    for name, value in pairs(way) do sum = sum + (found[name] * value):sum() end
    return sum
  end
  local y = network:functional_call(leaves, x)
  local first = mb.grad((y:tanh() * y):mean(), leaves, { create_graph = true })
  local by_one = mb.grad(along(first, one), leaves, { retain_graph = true })
  local by_other = mb.grad(along(first, other), leaves)
  spec.near(along(by_one, other):item(), along(by_other, one):item(), 1e-3)
end)

test("a gradient of order three is that of the polynomial", function()
  local x = leaf { 2, 3 }
  local first = mb.grad((x ^ 4):sum(), { x }, { create_graph = true })[1]
  local second = mb.grad(first:sum(), { x }, { create_graph = true })[1]
  spec.equal(mb.grad(second:sum(), { x })[1], { 48, 72 })
end)

test("inputs may be given twice, by name, with an output among them", function()
  local x = leaf { 2 }
  local y = x * x
  local found = mb.grad(y, { once = x, again = x, itself = y })
  spec.equal({ found.once:item(), found.again:item(), found.itself:item() }, { 4, 4, 1 })
  spec.equal(mb.grad(x, { x })[1], { 1 })
  spec.equal(next(mb.grad(y, {})), nil)
end)

test("several outputs are weighed by their gradients", function()
  local x = leaf { 2, 3 }
  local found = mb.grad({ x * x, (3 * x):sum() }, { x }, { grad_outputs = { mb.tensor { 1.0, 10.0 }, mb.tensor(2.0) } })
  spec.equal(found[1], { 10, 66 })
end)

test("gradients by outputs must fit them", function()
  local x = leaf { 2, 3 }
  local function given(gradient)
    return function() mb.grad(x * x, { x }, { grad_outputs = gradient }) end
  end
  spec.fails("grad: shapes differ: [2] and [3]", given(mb.ones(3)))
  spec.fails("grad: wants a float32 tensor, got int32", given(mb.tensor { 1, 2 }))
  spec.fails("grad: grad_outputs must be one for each of the 1 outputs, got 2", given { mb.ones(2), mb.ones(2) })
  spec.fails("grad: grad_outputs must be a tensor, or a list of them, got 3", given(3))
end)

test("an output must be on the tape, and there must be one", function()
  local x = leaf { 2 }
  spec.fails("grad: output 2 depends on nothing that requires a gradient", function()
    mb.grad({ x * x, mb.ones(1) }, { x })
  end)
  spec.fails("grad: outputs must be at least one tensor, got none", function() mb.grad({}, { x }) end)
end)

test("a gradient is asked for inside no_grad, with a tape of its own where that is wanted", function()
  local x = leaf { 2 }
  local y, z = x ^ 3, x ^ 3
  local plain, kept = mb.no_grad(function()
    return mb.grad(y, { x })[1], mb.grad(z, { x }, { create_graph = true })[1]
  end)
  spec.equal(plain, { 12 })
  spec.equal(mb.grad(kept, { x })[1], { 12 })
end)

test("a tape that is retained can be gone through again, and then no more", function()
  local x = leaf { 2 }
  local y = (x * x):sum()
  for _ = 1, 2 do spec.equal(mb.grad(y, { x }, { retain_graph = true })[1], { 4 }) end
  spec.equal(mb.grad(y, { x })[1], { 4 })
  spec.fails("an earlier backward pass has used up the tape", function() mb.grad(y, { x }) end)
end)

test("a part of the tape that no pass has come to is there for another", function()
  local x = leaf { 2 }
  local middle = x * x
  local one, two = (3 * middle):sum(), (2 * middle):sum()
  spec.equal(mb.grad(one, { middle })[1], { 3 })
  spec.equal(mb.grad(two, { x })[1], { 8 })
end)

test("gradients are constants unless they are to be on the tape", function()
  local x, w = leaf { 2 }, leaf { 5 }
  for _, gradient in ipairs { mb.grad(x * 2, { x }, { grad_outputs = w })[1], mb.grad(x, { x }, { grad_outputs = w })[1] } do
    spec.fails("depends on nothing that requires a gradient", function() mb.grad(gradient, { w }) end)
  end
  local kept = mb.grad(x * 2, { x }, { grad_outputs = w, create_graph = true })[1]
  spec.equal(mb.grad(kept, { w })[1], { 2 })
end)

test("a chain of 300,000 operations is differentiated, and dropped, without a deep stack", function()
  local x = leaf { 1 }
  local function chain()
    local y = x
    for _ = 1, 300000 do y = y + 0 end
    return y
  end
  spec.equal(mb.grad(chain(), { x })[1], { 1 })
  local y = chain()
  spec.holds(mb.memory().graph_operations >= 300000)
  y = nil
  spec.equal(mb.memory().graph_operations, 0)
end)

test("check_gradient checks a function that is a gradient itself", function()
  local x = mb.tensor { 1.0, 2.0 }
  spec.holds(mb.check_gradient(function(t) return mb.grad((t ^ 3):sum(), { t }, { create_graph = true })[1] end, { x }) < 0.01)
  spec.fails("check_gradient: by '1' at [1] the gradient is 0.000000, and finite differences give", function()
    mb.check_gradient(function(t) return mb.grad((t ^ 3):sum(), { t })[1] * (0 * t:sum() + 1) end, { x })
  end)
end)
