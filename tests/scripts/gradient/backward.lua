-- t:backward, t:grad, t:zero_grad.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local function leaf(values)
  return mb.tensor(values, "float32"):requires_grad()
end

test("gradients add up until they are forgotten", function()
  local x = leaf { 1, 2 }
  spec.equal(x:grad(), nil)
  for _ = 1, 3 do (x * x):sum():backward() end
  spec.equal(x:grad(), { 6, 12 })
  x:zero_grad()
  spec.equal(x:grad(), nil)
end)

test("a tensor that is no scalar goes backward from a gradient of its shape", function()
  local x = leaf { 2, 3 }
  local y = x * x
  y:backward { gradient = mb.tensor { 1.0, 10.0 } }
  spec.equal(x:grad(), { 4, 60 })
  spec.fails("backward: the loss must be a scalar, got shape [2]", function() (x * x):backward() end)
  spec.fails("backward: shapes differ: [2] and [3]", function() (x * x):backward { gradient = mb.ones(3) } end)
  spec.fails("backward: unknown option 'gradiant'; did you mean 'gradient'?", function()
    (x * x):backward { gradiant = mb.ones(2) }
  end)
end)

test("gradients stay at leaves alone, and another tensor says how to see its own", function()
  local x = leaf { 2 }
  local y = 3 * x
  for _, call in ipairs { "grad", "zero_grad" } do
    spec.fails(call .. ": the tensor was computed by mul, and a gradient stays only at", function() y[call](y) end)
    spec.fails(call .. ": the tensor does not require a gradient: make it by requires_grad", function()
      mb.ones(1)[call](mb.ones(1))
    end)
  end
end)

test("gradients that add up can be on the tape", function()
  local x = leaf { 2 }
  for _ = 1, 2 do (x ^ 3):sum():backward { create_graph = true } end
  spec.equal(x:grad(), { 24 })
  spec.equal(mb.grad(x:grad(), { x })[1], { 24 })
  spec.holds(mb.memory().graph_operations > 0)
  x:zero_grad()
  spec.equal(mb.memory().graph_operations, 0)
end)

test("a pass that fails adds nothing", function()
  local x, w = leaf { 2 }, leaf { 3 }
  w:hook(function() error("boo") end)
  spec.fails("backward.lua:54: boo", function() (x * w):sum():backward() end)
  spec.equal({ x:grad(), w:grad() }, {})
end)

test("a module's parameters take gradients, and forget them together", function()
  local layer = mb.nn.linear(2, 1):realise("layer")
  layer(mb.ones(1, 2)):sum():backward()
  spec.equal(layer.weight:grad(), { { 1, 1 } })
  layer:zero_grad()
  spec.equal(layer.weight:grad(), nil)
  layer:freeze()
  spec.fails("backward: the loss depends on nothing that requires a gradient", function()
    layer(mb.ones(1, 2)):sum():backward()
  end)
end)

test("a parameter's former value says that it is one, and is no silent zero", function()
  local layer = mb.nn.linear(2, 1, { bias = false }):realise("former")
  local former = layer:parameters()
  local function loss() return layer(mb.ones(1, 2)):sum() end
  spec.equal(mb.grad(loss(), former).weight, { { 1, 1 } })
  layer:freeze()
  layer:unfreeze()
  local told = "is a parameter's value from before it was set anew, by an update or otherwise"
  spec.fails("grad: input 1 " .. told, function() mb.grad(loss(), former) end)
  spec.fails("grad: the tensor " .. told, function() former.weight:grad() end)
  spec.fails("hook: the tensor " .. told, function() former.weight:hook(print) end)
  spec.equal(mb.grad(loss(), layer:parameters()).weight, { { 1, 1 } })
end)
