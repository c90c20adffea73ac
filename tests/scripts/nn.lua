local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

test("a module outside a session gets its parameters by realise, keyed by its name", function()
  local a, b, c = mb.nn.linear(3, 2):realise("head"), mb.nn.linear(3, 2):realise("head"), mb.nn.linear(3, 2):realise("other")
  spec.equal(a.weight, b.weight)
  spec.holds((a.weight - c.weight):abs():sum():item() > 0)
end)

test("a module without parameters says what to do", function()
  spec.fails("linear has no parameters yet", function() return mb.nn.linear(3, 2)(mb.zeros(1, 3)) end)
end)

test("a linear layer is x Wᵀ + b", function()
  local layer = mb.nn.linear(3, 2):realise("layer")
  local x = mb.rand(4, 3)
  spec.near(layer(x), x:matmul(layer.weight:transpose()) + layer.bias)
end)

test("a dilated convolution is one whose kernel has zeros between its values", function()
  local x, w = mb.rand(2, 1, 7, 8), mb.rand(1, 1, 2, 2)
  local function value(row, column) return w[1][1][row][column]:item() end
  local a, b, c, d = value(1, 1), value(1, 2), value(2, 1), value(2, 2)
  local spread = mb.tensor { { { { a, 0, 0, b }, { 0, 0, 0, 0 }, { c, 0, 0, d } } } }
  local function convolved(weight, options)
    options.padding, options.bias = 1, false
    return mb.nn.conv2d(1, 1, options):realise("layer"):functional_call({ weight = weight }, x)
  end
  local y = convolved(w, { kernel = 2, dilation = { 2, 3 } })
  spec.equal(y.shape, { 2, 1, 7, 7 })
  spec.near(y, convolved(spread, { kernel = { 3, 4 } }))
end)

test("batch norm uses the batch in training and running statistics in evaluation", function()
  local norm = mb.nn.batch_norm(2):realise("norm")
  local x = mb.tensor { { 1.0, 10.0 }, { 3.0, 30.0 }, { 5.0, 20.0 } }
  local y = norm(x)
  spec.near(y:mean(1), { 0, 0 }, 1e-5)
  -- PyTorch's: 0.9 · 1 + 0.1 · the unbiased variance.
  spec.near(norm:state().running_var, { 0.9 + 0.1 * 4, 0.9 + 0.1 * 100 })
  norm:eval()
  spec.holds(not norm.training)
  spec.near(norm(x), ((x - norm:state().running_mean) / (norm:state().running_var + 1e-5):sqrt()))
end)

test("parameters of a composed module are found by path", function()
  local module = mb.nn.module {
    body = mb.nn.sequential { mb.nn.linear(2, 2), mb.nn.relu() },
    scale = mb.nn.parameter({ 1 }, { value = 3 }),
    forward = function(self, x) return self.body(x) * self.scale end,
  }:realise("net")
  local parameters = module:parameters()
  spec.holds(parameters["body.0.weight"] and parameters["body.0.bias"] and parameters.scale)
  spec.equal(module:numel(), 7)
  local x = mb.ones(1, 2)
  spec.near(module(x), module.body(x) * 3)
end)

test("an error inside a module's own forward names its line", function()
  local module = mb.nn.sequential {
    mb.nn.module { forward = function(_, x) return x:reshape(7) end },
  }:realise("net")
  spec.fails("nn.lua:", function() return module(mb.ones(2, 2)) end)
  spec.fails("reshape: [2, 2] and [7] do not fit: 4 elements do not become 7", function() return module(mb.ones(2, 2)) end)
end)

test("a module's own forward must return a tensor", function()
  local module = mb.nn.module { forward = function() end }:realise("net")
  spec.fails("the returned value must be a tensor, got nothing", function() return module(mb.ones(2, 2)) end)
end)

test("a module's own forward hands on every value that it returns", function()
  local both = mb.nn.module { forward = function(_, x) return x + 1, x * 3, x:sum() end }:realise("both")
  local x = mb.ones(2)
  local more, threefold, sum = both(x)
  spec.equal(more, { 2, 2 })
  spec.equal(threefold, { 3, 3 })
  spec.equal(sum:item(), 2)
  spec.equal(select("#", both:forward(x)), 3)
  spec.equal(select("#", both:functional_call({}, x)), 3)
  local inner = mb.nn.module { both = both:copy(), forward = function(self, y) return self.both(y) end }:realise("inner")
  spec.equal(select("#", inner(x)), 3)
  spec.equal(select("#", mb.nn.relu()(x)), 1)
end)

test("gradients flow through every value that a forward returns", function()
  local layer = mb.nn.module {
    linear = mb.nn.linear(2, 1),
    forward = function(self, x)
      local y = self.linear(x)
      return y, y * 2
    end,
  }:realise("layer")
  local one, two = layer(mb.ones(1, 2))
  spec.near(mb.grad((one + two):sum(), { layer.linear.weight })[1], { { 3, 3 } })
end)

test("where only one value can go on, a forward that returns several is an error that names it", function()
  local both = mb.nn.module { forward = function(_, x) return x, x end }
  local net = mb.nn.sequential { mb.nn.relu(), both }:realise("net")
  spec.fails("net.1: forward: module returns 2 values, and only one can go on from here", function() return net(mb.ones(2)) end)
end)

test("every value that a forward returns is a tensor", function()
  local module = mb.nn.module { forward = function(_, x) return x, 3 end }:realise("net")
  spec.fails("forward: returned value 2 must be a tensor, got 3", function() return module(mb.ones(2)) end)
end)

test("a composed module refuses what is no part", function()
  spec.fails("module: scale must be a module, a parameter, a buffer, a table of modules or a function, got 3", function()
    return mb.nn.module { scale = 3, forward = function() end }
  end)
  spec.fails("module: forward must be a function(self, x), got nothing", function() return mb.nn.module {} end)
end)

test("a composed module refuses names that it could not find again", function()
  local function with(name) return mb.nn.module { [name] = mb.nn.relu(), forward = function() end } end
  spec.fails("module: a name must be other than a method's, got 'train'", function() return with "train" end)
  spec.fails("module: a name must be without dots and not empty, got 'a.b'", function() return with "a.b" end)
end)

test("batch norm and parameters refuse options that make no sense", function()
  spec.fails("batch_norm: momentum must be from 0 to 1, got 5", function() return mb.nn.batch_norm(2, { momentum = 5 }) end)
  spec.fails("batch_norm: epsilon must be a number over 0, got -1", function() return mb.nn.batch_norm(2, { epsilon = -1 }) end)
  spec.fails("parameter: std must be a number of at least 0, got -1", function() return mb.nn.parameter({ 2 }, { std = -1 }) end)
end)

test("gradients flow to a module's parameters and not to frozen ones", function()
  local layer = mb.nn.linear(2, 1):realise("layer")
  local gradients = mb.grad(layer(mb.ones(3, 2)):sum(), { layer.weight, layer.bias })
  spec.near(gradients[1], { { 3, 3 } })
  spec.near(gradients[2], { 3 })
  layer:freeze()
  spec.fails("depends on nothing that requires a gradient", function() return mb.grad(layer(mb.ones(3, 2)):sum(), {}) end)
end)

test("a shape error names the layer, what it got and what it wants", function()
  local encoder = mb.model.resnet18 { stem = "cifar", width = 2 }:realise("encoder")
  spec.fails("encoder.conv1: conv2d: wants [N, 3, H, W], got shape [2, 1, 8, 8]", function() return encoder(mb.zeros(2, 1, 8, 8)) end)
  spec.fails("resnet: unknown stem 'cifra'; did you mean 'cifar'?", function() return mb.model.resnet18 { stem = "cifra" } end)
end)
