-- t:hook: functions that see gradients pass by.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local function leaf(values)
  return mb.tensor(values, "float32"):requires_grad()
end

test("a hook is called once, with all parts of the gradient added up", function()
  local x, seen = leaf { 2 }, {}
  local y = x * x
  y:hook(function(g) seen[#seen + 1] = g:item() end);
  (y * y + y):sum():backward()
  spec.equal(seen, { 9 })
end)

test("a hook that removes itself, or adds others, changes later passes alone", function()
  local x, calls = leaf { 2 }, {}
  local once
  once = x:hook(function()
    calls[#calls + 1] = "once"
    once:remove()
    x:hook(function() calls[#calls + 1] = "added" end)
  end)
  for _ = 1, 3 do (x * x):sum():backward() end
  spec.equal(calls, { "once", "added", "added" })
end)

test("hooks replace the gradient in their order", function()
  local x = leaf { 2 }
  x:hook(function(g) return g + 1 end)
  x:hook(function(g) return 10 * g end)
  spec.equal(mb.grad((x * x):sum(), { x })[1], { 50 })
end)

test("a hook returns a float tensor of the same shape, or nothing", function()
  local x, result = leaf { 2, 3 }, nil
  x:hook(function() return result end)
  local function returning(value)
    return function()
      result = value;
      (x * x):sum():backward()
    end
  end
  spec.fails("hook: a gradient has the tensor's shape [2], got shape [3]", returning(mb.ones(3)))
  spec.fails("hook: wants a float32 tensor, got int32", returning(mb.tensor { 1, 2 }))
  spec.fails("hook: what the function returns must be a tensor or nil, got 3", returning(3))
  spec.fails("hook: the tensor does not require a gradient, so none will come to it", function()
    mb.ones(2):hook(print)
  end)
end)

test("an error in a hook keeps its line, and ends the pass", function()
  local x = leaf { 2 }
  local hook = x:hook(function() error("boo") end)
  spec.fails("hook.lua:56: boo", function() (x * x):sum():backward() end)
  hook:remove();
  (x * x):sum():backward()
  spec.equal(x:grad(), { 4 })
  x:hook(function() coroutine.yield() end)
  spec.fails("attempt to yield across a C-call boundary", function()
    coroutine.wrap(function() (x * x):sum():backward() end)()
  end)
end)

test("what a hook returns is a constant, unless gradients are to be on the tape", function()
  local x = leaf { 2 }
  x:hook(function(g) return g * x end)
  local function gradient(options)
    return mb.grad((x * x):sum(), { x }, options)[1]
  end
  spec.fails("depends on nothing that requires a gradient", function() mb.grad(gradient(), { x }) end)
  spec.equal(gradient(), { 8 })
  -- 2x² has the gradient 4x, to which the hook comes again.
  spec.equal(mb.grad(gradient { create_graph = true }, { x })[1], { 16 })
end)

test("what is detached by a hook has no gradient of its own", function()
  local x = leaf { 2 }
  local y = x * x
  y:hook(function(g) return (2 * g):detach() end)
  local first = mb.grad((y * y):sum(), { x }, { create_graph = true })[1]
  spec.equal(first, { 64 })
  spec.equal(mb.grad(first, { x })[1], { 32 })
end)

test("a hook may ask for other gradients, and not for those of the tape that is used up", function()
  local x, inner = leaf { 2 }, nil
  local hook = x:hook(function()
    local z = leaf { 5 }
    inner = mb.grad((z * z):sum(), { z })[1];
    (3 * z):sum():backward()
    inner = inner + z:grad()
  end);
  (x * x):sum():backward()
  spec.equal(inner, { 13 })
  hook:remove()
  local y = (x * x):sum()
  x:hook(function() mb.grad(y, { x }) end)
  spec.fails("an earlier backward pass has used up the tape", function() y:backward() end)
end)

test("a hook that begins the same pass over and over is an error", function()
  local x = leaf { 2 }
  local y = (x * x):sum()
  x:hook(function() y:backward { retain_graph = true } end)
  spec.fails("stack overflow", function() y:backward { retain_graph = true } end)
end)

test("hooks of a computed tensor go with its tape, though they hold the tensor", function()
  local x = leaf { 2 }
  for _ = 1, 100 do
    local y = x * x
    y:hook(function(g) return g * y:detach() end)
    y:sum():backward()
  end
  spec.equal(mb.memory().graph_operations, 0)
end)

test("a parameter's hooks outlast its values, and being frozen", function()
  local layer, other, calls = mb.nn.linear(2, 1):realise("layer"), mb.nn.linear(2, 1):realise("other"), 0
  local hook = layer.weight:hook(function() calls = calls + 1 end)
  local function pass()
    layer(mb.ones(1, 2)):sum():backward()
    layer:zero_grad()
  end
  pass()
  layer:ema_update(other, 0.5)
  pass()
  layer:freeze()
  layer:unfreeze()
  pass()
  spec.equal(calls, 3)
  hook:remove()
  pass()
  spec.equal(calls, 3)
end)

test("50,000 hooks of one tensor are called and removed", function()
  local x, calls, hooks = leaf { 2 }, 0, {}
  for i = 1, 50000 do
    hooks[i] = x:hook(function() calls = calls + 1 end)
  end
  (x * x):sum():backward()
  for _, hook in ipairs(hooks) do hook:remove() end
  (x * x):sum():backward()
  spec.equal(calls, 50000)
end)
