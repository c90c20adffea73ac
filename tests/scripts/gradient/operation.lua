-- mb.operation: operations of a script's own.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local function leaf(values)
  return mb.tensor(values, "float32"):requires_grad()
end

local function operation(forward, backward)
  return mb.operation { name = "own", forward = forward, backward = backward }
end

local square = operation(function(saved, x)
  saved.x = x
  return x * x
end, function(saved, g) return 2 * saved.x * g end)

local exponential = operation(function(saved, x)
  saved.y = x:exp()
  return saved.y
end, function(saved, g) return saved.y * g end)

-- The gradients of orders 1 to count of y by x.
local function orders(y, x, count)
  local found = {}
  for order = 1, count do
    y = mb.grad(y:sum(), { x }, { create_graph = true })[1]
    found[order] = y:item()
  end
  return found
end

test("inputs and outputs that are saved serve gradients of any order", function()
  local x = leaf { 2 }
  spec.equal(orders(square(square(x)), x, 4), { 32, 48, 48, 24 })
  local e = math.exp(2)
  spec.near(orders(exponential(x), x, 4), { e, e, e, e })
end)

test("an operation within another one computes, and is differentiated in its backward", function()
  local x = leaf { 2 }
  local fourth = operation(function(saved, t)
    saved.t = t
    return square(square(t))
  end, function(saved, g) return 4 * saved.t * square(saved.t) * g end)
  spec.equal(orders(fourth(x), x, 3), { 32, 48, 48 })
end)

test("a tensor that forward has computed for itself has first gradients, and refuses others by its name", function()
  local x = leaf { 1 }
  for path, save in pairs {
    ["saved.e"] = function(saved, e) saved.e = e end,
    ["saved[1]"] = function(saved, e) saved[1] = e end,
    ["saved.inner.deep[2].e"] = function(saved, e) saved.inner = { deep = { 0, { e = e } } } end,
  } do
    local own = operation(function(saved, t)
      local e = t:exp()
      save(saved, e)
      saved.get = function(found) return found.e or found[1] or found.inner.deep[2].e end
      return e * 1
    end, function(saved, g) return saved:get() * g end)
    spec.near(mb.grad(own(x), { x })[1], { math.exp(1) })
    local want = "operation: the backward of 'own' has no gradient of its own: forward has computed " .. path
    spec.fails(want, function() orders(own(x), x, 1) end)
  end
end)

test("saved tables keep their metatables, and may hold themselves", function()
  local class = { __index = { gradient = function(self, g) return self.y * g end } }
  local own = operation(function(saved, x)
    saved.object = setmetatable({ y = x:exp() }, class)
    saved.itself = saved
    return saved.object.y
  end, function(saved, g) return saved.itself.object:gradient(g) end)
  local x, e = leaf { 1 }, math.exp(1)
  spec.near(mb.grad(own(x), { x })[1], { e })
  spec.near(orders(own(x), x, 3), { e, e, e })
end)

test("what backward writes into saved does not last until the next pass", function()
  local own = operation(function(saved, x)
    saved.calls = 0
    return x * 1
  end, function(saved, g)
    saved.calls = saved.calls + 1
    return saved.calls * g
  end)
  local x = leaf { 1 }
  local y = own(x)
  for _ = 1, 2 do spec.equal(mb.grad(y, { x }, { retain_graph = true })[1], { 1 }) end
end)

test("an output that is an input has the operation's gradient, and the saved input its own", function()
  local own = operation(function(saved, x)
    saved.x = x
    return x
  end, function(saved, g) return -(saved.x * g) end)
  local x = leaf { 3 }
  spec.equal(orders(own(x), x, 2), { -3, -1 })
  spec.equal(mb.grad((own(x) * x):sum(), { x })[1], { -6 })
end)

test("several outputs, of any kind, and other values are returned as forward has them", function()
  local seen
  local own = operation(function(_, x, factor)
    return x * 2, x * factor, x:gt(0), x:cast("int32"), "text"
  end, function(_, ...)
    local first, second, truth, whole = ...
    seen = { select("#", ...), truth, whole }
    return 2 * first + 3 * second, nil
  end)
  local x = leaf { 2 }
  local double, triple, truth, whole, text = own(x, 3)
  spec.equal({ truth:item(), whole:item(), text }, { true, 2, "text" })
  spec.equal(mb.grad((double * triple):sum(), { x }, { retain_graph = true })[1], { 24 })
  spec.equal(seen, { 4 })
  -- No gradient comes to the first output, and zeros stand for it.
  spec.equal(mb.grad(triple, { x })[1], { 3 })
end)

test("an argument without a gradient gets nil, and its gradient is zero", function()
  local own = operation(function(_, x, y) return x * y end, function(_, g) return nil, g end)
  local x, y = leaf { 2 }, leaf { 3 }
  local found = mb.grad(own(x, y), { x, y })
  spec.equal({ found[1]:item(), found[2]:item() }, { 0, 1 })
  spec.equal(mb.grad(own(x, x), { x })[1], { 1 })
end)

test("backward returns a gradient for each argument, of its kind and shape", function()
  local returned
  local own = operation(function(_, x) return x * 2 end, function() return table.unpack(returned, 1, returned.n) end)
  local x = leaf { 1, 2 }
  local function returning(...)
    returned = table.pack(...)
    return function() mb.grad(own(x, 3):sum(), { x }) end
  end
  local prefix = "the gradient of own: operation: the backward of 'own' "
  spec.fails(prefix .. "returned 0 gradients for 2 arguments; it returns one for each, nil for", returning())
  spec.fails(prefix .. "returned 3 gradients for 2 arguments", returning(nil, nil, mb.ones(2)))
  spec.fails(prefix .. "returned a gradient by argument 2, which is no tensor", returning(mb.ones(2), mb.ones(1)))
  spec.fails(prefix .. "gave the gradient by argument 1 as float32 of shape [3], and the argument is float32 of shape [2]",
    returning(mb.ones(3)))
  spec.fails(prefix .. "gave the gradient by argument 1 as int32 of shape [2]", returning(mb.tensor { 1, 2 }))
  spec.fails("own: the gradient by argument 1 must be a tensor or nil, got 2", returning(2))
end)

test("forward returns a tensor, and what is recorded of it depends on its arguments alone", function()
  spec.fails("operation: the forward of 'own' returned no tensor", function() operation(print, print)() end)
  spec.fails("operation: backward must be given, got nothing", function() mb.operation { forward = print } end)
  local x = leaf { 2 }
  for _, y in ipairs { mb.no_grad(function() return square(x) end), square(mb.tensor { 2.0 }) } do
    spec.equal(y, { 4 })
    spec.fails("depends on nothing that requires a gradient", function() mb.grad(y, { x }) end)
  end
end)

test("errors of forward and backward keep their lines", function()
  local x = leaf { 1, 2 }
  local forward = operation(function(_, t) return t + mb.ones(3) end, print)
  spec.fails("operation.lua:160: add: shapes differ: [2] and [3]", function() forward(x) end)
  local backward = operation(function(_, t) return t * 1 end, function(_, g) return g + mb.ones(3) end)
  spec.fails("operation.lua:162: add: shapes differ: [2] and [3]", function() mb.grad(backward(x):sum(), { x }) end)
  local wrong = operation(function(_, t) return t * 1 end, function() return mb.ones(3) end)
  local y = wrong(x)
  spec.fails("operation.lua:165: the gradient of own: ", function()
    mb.grad(y:sum(), { x })
  end)
end)

test("neither function may yield, and each may use coroutines of its own", function()
  local x = leaf { 3 }
  local function last(values) return coroutine.wrap(function() coroutine.yield(values) end)() end
  local own = operation(function(_, t) return last(2 * t) end, function(_, g) return last(2 * g) end)
  spec.equal(mb.grad(own(x), { x })[1], { 2 })
  local yields = operation(function(_, t) return t * 1 end, function(_, g)
    coroutine.yield()
    return g
  end)
  spec.fails("attempt to yield across a C-call boundary", function()
    coroutine.wrap(function() mb.grad(yields(x), { x }) end)()
  end)
end)

test("backward may ask for gradients of what it computes again", function()
  local own = operation(function(saved, x)
    saved.x = x
    return x:tanh() * x
  end, function(saved, g)
    local x = saved.x:detach():requires_grad()
    return mb.grad(x:tanh() * x, { x }, { grad_outputs = g })[1]
  end)
  local x = leaf { 0.5 }
  spec.equal(mb.grad(own(x), { x })[1], mb.grad(x:tanh() * x, { x })[1])
end)

test("a gradient is a constant unless it is to be on the tape, whatever backward returns", function()
  local x, w = leaf { 3 }, leaf { 5 }
  local own = operation(function(_, t) return t * w end, function(_, g) return w * g end)
  spec.fails("depends on nothing that requires a gradient", function() mb.grad(mb.grad(own(x), { x })[1], { w }) end)
  spec.equal(mb.grad(mb.grad(own(x), { x }, { create_graph = true })[1], { w })[1], { 1 })
end)

test("what is saved counts as kept for gradients, and what is not saved is not kept", function()
  local x = mb.ones(1000):requires_grad()
  local plain = operation(function(_, t) return t * 2 end, function(_, g) return 2 * g end)
  local before = mb.memory().graph_bytes
  local y, z = square(x), plain(x)
  spec.equal(mb.memory().graph_bytes - before, 4000)
  mb.grad({ y:sum(), z:sum() }, { x })
  spec.equal(mb.memory().graph_bytes - before, 0)
end)

test("a chain of operations is freed at once, whatever they have saved", function()
  local function chain(length)
    local y = leaf { 1 }
    for _ = 1, length do y = square(y) end
    return y
  end
  local y = chain(5000)
  spec.equal(mb.memory().graph_operations, 5000)
  y = nil
  spec.equal(mb.memory().graph_operations, 0)
end)

test("nils behind the gradients of all arguments are left out", function()
  local double = mb.operation {
    forward = function(_, x) return 2 * x end,
    backward = function(_, g) return 2 * g, nil, nil end,
  }
  local x = mb.tensor({ 1.0 }):requires_grad()
  spec.equal(mb.grad(double(x):sum(), { x })[1], { 2 })
end)
