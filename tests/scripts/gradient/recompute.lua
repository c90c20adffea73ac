-- mb.recompute: less memory, the same gradients.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local function leaf(values)
  return mb.tensor(values, "float32"):requires_grad()
end

local function curve(x) return (x * x):tanh() * x:exp() end

-- The gradients of orders 1 to 3 of a function at 0.5.
local function orders(f)
  local x, found = leaf { 0.5 }, {}
  local y = f(x)
  for order = 1, 3 do
    y = mb.grad(y:sum(), { x }, { create_graph = true })[1]
    found[order] = y:item()
  end
  return found
end

test("gradients of any order are those of the function itself", function()
  spec.equal(orders(function(x) return mb.recompute(curve, x) end), orders(curve))
end)

test("recomputations nest, and each function runs once more for each one around it", function()
  local runs = { 0, 0, 0 }
  local function nested(depth, call)
    return function(x)
      runs[depth] = runs[depth] + 1
      local y = (x * x):sin()
      if depth < 3 then y = call(nested(depth + 1, call), y) end
      return y:exp() * y
    end
  end
  local function plain(f, x) return f(x) end
  local x = leaf { 0.5 }
  local want = mb.grad(nested(1, plain)(x), { x })[1]
  runs = { 0, 0, 0 }
  spec.equal(mb.grad(mb.recompute(nested(1, mb.recompute), x), { x })[1], want)
  spec.equal(runs, { 2, 3, 4 })
  spec.near(orders(nested(1, mb.recompute)), orders(nested(1, plain)))
end)

test("a second order gradient by what is computed in between is that of the function itself", function()
  local x, between = leaf { 0.5 }, nil
  local function f(t)
    local square = t * t
    between = between or square
    return square:tanh()
  end
  local first = mb.grad(mb.recompute(f, x), { between }, { create_graph = true })[1]
  local t = leaf { 0.25 }
  local want = mb.grad(t:tanh(), { t }, { create_graph = true })[1]
  spec.equal(first, want)
  spec.equal(mb.grad(first, { between })[1], mb.grad(want, { t })[1])
end)

test("draws are the same both times, and those after them are as without", function()
  local function drawn(call)
    local x, draws = leaf { 1, 1 }, {}
    local y = call(function(t)
      local noise = mb.rand(2)
      draws[#draws + 1] = noise
      return t * noise * t
    end, x)
    draws.between = mb.rand(1)
    mb.grad(y:sum(), { x })
    draws.after = mb.rand(1)
    return draws
  end
  local again = drawn(mb.recompute)
  spec.equal(again[2], again[1])
  spec.holds(again.after:item() ~= again.between:item() and again.after:item() ~= again[1][1]:item())
end)

test("math.random is the same both times, goes on after each, and differs from call to call", function()
  local x, draws = leaf { 1 }, {}
  local function f(t)
    draws[#draws + 1] = math.random()
    return t * t
  end
  local one, two = mb.recompute(f, x), mb.recompute(f, x)
  mb.grad(one, { x })
  mb.grad(two, { x })
  spec.equal({ draws[3], draws[4] }, { draws[1], draws[2] })
  spec.holds(draws[1] ~= draws[2])
end)

test("a module is recomputed, and its running statistics move once", function()
  local function trained(call)
    local norm = mb.nn.batch_norm(2):realise("norm")
    local x = mb.tensor { { 1.0, 2.0 }, { 3.0, 5.0 }, { 0.0, 1.0 } }
    local y = call(norm, x)
    local gradient = mb.grad((y * y * y):sum(), { norm.weight })[1]
    norm:eval()
    return { gradient:to_table(), norm(x):to_table() }
  end
  spec.equal(trained(mb.recompute), trained(function(norm, x) return norm(x) end))
end)

test("parameters that the function captures get their gradients", function()
  local layer, x = mb.nn.linear(2, 2):realise("layer"), mb.ones(1, 2)
  local function loss() return layer(x):tanh():sum() end
  spec.equal(mb.grad(mb.recompute(loss), { layer.weight })[1], mb.grad(loss(), { layer.weight })[1])
end)

test("several results, and such as are no tensors, are returned", function()
  local x = leaf { 0.5 }
  local one, text, none, two = mb.recompute(function(t) return t * t, "text", nil, t:exp() end, x)
  spec.near({ one:item(), text, tostring(none), two:item() }, { 0.25, "text", "nil", math.exp(0.5) })
  spec.equal(mb.grad(one, { x })[1], { 1 })
  spec.near(mb.grad(two, { x })[1], { math.exp(0.5) })
end)

test("in no_grad a function runs once, and nothing of it is kept", function()
  local x, runs = leaf { 2 }, 0
  local y = mb.no_grad(function()
    return mb.recompute(function(t)
      runs = runs + 1
      return t * t
    end, x)
  end)
  spec.equal({ y:item(), runs, mb.memory().graph_operations }, { 4, 1, 0 })
end)

test("a function that does something else the second time is an error", function()
  local x = leaf { 0.5, 0.5 }
  local function twice(first, second)
    local runs = 0
    local y = mb.recompute(function(t)
      runs = runs + 1
      return runs == 1 and first(t) or second(t)
    end, x)
    return function() mb.grad(y:sum(), { x }) end
  end
  local function square(t) return t * t end
  spec.fails("the gradient of mul: recompute: the function kept 2 values for its gradients when it was first run, and 0 when",
    twice(square, function(t) return t end))
  spec.fails("recompute: the function kept float32 [2] for its gradients when it was first run, and float32 [1] when",
    twice(function(t) return t * mb.ones(2) end, function(t) return t * mb.ones(1) end))
  spec.fails("recompute.lua:143: boo", twice(square, function() error("boo") end))
end)

test("a function may ask for gradients itself, of which backward adds up once", function()
  local x, w = leaf { 0.5 }, leaf { 3 }
  local y = mb.recompute(function(t)
    (w * w):sum():backward()
    return mb.grad((t ^ 3):sum(), { t }, { create_graph = true })[1] * t
  end, x)
  local first = mb.grad(y, { x }, { create_graph = true })[1]
  spec.near(first, { 9 * 0.25 })
  spec.near(mb.grad(first, { x })[1], { 18 * 0.5 })
  spec.equal(w:grad(), { 6 })
end)

test("an operation of one's own is computed again, with what it has saved", function()
  local exponential = mb.operation {
    forward = function(saved, x)
      saved.y = x:exp()
      return saved.y
    end,
    backward = function(saved, g) return saved.y * g end,
  }
  spec.near(orders(function(x) return mb.recompute(function(t) return exponential(exponential(t)) end, x) end),
    orders(function(x) return x:exp():exp() end))
  local x = mb.ones(1000):requires_grad()
  local y = mb.recompute(function(t) return exponential(exponential(t)) end, x)
  spec.equal({ y:numel(), mb.memory().graph_bytes }, { 1000, 0 })
end)

test("hooks of what is computed in between are called once", function()
  local x, calls = leaf { 0.5 }, 0
  local y = mb.recompute(function(t)
    local square = t * t
    square:hook(function(g)
      calls = calls + 1
      return 2 * g
    end)
    return square * square
  end, x)
  spec.equal({ mb.grad(y, { x })[1]:item(), calls }, { 1, 1 })
end)

test("memory is that of the arguments, until a pass comes", function()
  local w, x = mb.randn(64, 64):requires_grad(), mb.randn(64, 64)
  local function deep(t)
    for _ = 1, 20 do t = (t:matmul(w) / 8):tanh() end
    return t:sum()
  end
  local before = mb.memory()
  local y = deep(x)
  local kept = mb.memory()
  spec.holds(kept.graph_bytes - before.graph_bytes >= 20 * 64 * 64 * 4)
  y = mb.recompute(deep, x)
  local forgot = mb.memory()
  spec.equal({ forgot.graph_bytes - before.graph_bytes, forgot.live - before.live }, { 0, 4 })
  spec.equal(forgot.graph_operations, kept.graph_operations)
  spec.equal(mb.grad(y, { w })[1], mb.grad(deep(x), { w })[1])
  y = nil
  spec.equal(mb.memory().live, before.live)
end)

test("a chain of recomputations is freed at once, though no pass has come", function()
  local y = leaf { 0.5 }
  for _ = 1, 50 do y = mb.recompute(curve, y) end
  y = nil
  spec.equal(mb.memory().graph_operations, 0)
end)

test("what cannot be called, what yields and what calls itself without end is refused", function()
  spec.fails("recompute: body must be a function or a module, got 3", function() mb.recompute(3) end)
  spec.fails("recompute: body must be a function or a module, got a Tensor", function() mb.recompute(mb.ones(1)) end)
  spec.fails("attempt to yield across a C-call boundary", function()
    coroutine.wrap(function() mb.recompute(coroutine.yield) end)()
  end)
  local function endless(x) return mb.recompute(endless, x) end
  spec.fails("stack overflow", function() endless(leaf { 1 }) end)
end)

test("a chain of 60,000 functions that use two tensors of the tape is dropped without a deep stack", function()
  local w = mb.tensor({ 0.5 }, "float32"):requires_grad()
  local y = w
  for _ = 1, 60000 do
    y = mb.recompute(function(t, v) return v:exp() + t:relu() end, y, w)
  end
  y = nil
  mb.memory()
  spec.equal(w:grad(), nil)
end)

test("what reads a buffer and then sets it computes the same again, and moves it once", function()
  local function follower(name)
    return mb.nn.module {
      center = mb.nn.buffer { 3 },
      forward = function(self, x)
        local y = (x - self.center):softmax(-1)
        self.center = 0.5 * self.center + x:detach():mean(1)
        return y * (self.center + 1)
      end,
    }:realise(name)
  end
  local one, other, x = follower "one", follower "other", mb.randn(4, 3):requires_grad()
  local function loss(y) return (y * mb.range(1, 3)):sum() end
  -- A later pass moves the buffer before the gradients of the first are asked for.
  local plain, again = loss(one(x)), loss(mb.recompute(other, x))
  one(x)
  other(x)
  spec.near(mb.grad(again, { x })[1], mb.grad(plain, { x })[1], 1e-6)
  spec.equal(other.center, one.center)
end)

test("two passes of a spectral norm are computed again with the vectors of each", function()
  local function layer() return mb.nn.spectral_norm(mb.nn.linear(3, 2)):realise("layer") end
  local one, other, x, y = layer(), layer(), mb.randn(4, 3), mb.randn(4, 3)
  local function gradient(layer, run)
    local loss = run(layer, x):square():sum() - 2 * run(layer, y):square():sum()
    return mb.grad(loss, { layer:parameters()["parametrizations.weight.original"] })[1]
  end
  local expected = gradient(one, function(layer, x) return layer(x) end)
  spec.near(gradient(other, mb.recompute), expected, 1e-6)
end)
