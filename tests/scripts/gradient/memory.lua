-- What graphs hold, as mb.memory tells it.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

test("a graph is told by its operations and the bytes that it keeps, each value once", function()
  local x = mb.ones(1000):requires_grad()
  local y = x * x
  local memory = mb.memory()
  spec.equal({ memory.graph_operations, memory.graph_bytes }, { 1, 4000 })
  y = (y * x):sum()
  memory = mb.memory()
  spec.equal({ memory.graph_operations, memory.graph_bytes }, { 3, 8000 })
  mb.grad(y, { x }, { retain_graph = true })
  spec.equal(mb.memory().graph_bytes, 8000)
  mb.grad(y, { x })
  spec.equal(mb.memory().graph_bytes, 0)
  y = nil
  spec.equal(mb.memory().graph_operations, 0)
end)

test("constants and no_grad record nothing", function()
  local x = mb.ones(10):requires_grad()
  local y, z = mb.ones(10) * 2, mb.no_grad(function() return x * x end)
  spec.equal({ y:numel(), z:numel(), mb.memory().graph_operations }, { 10, 10, 0 })
end)

test("gradients that add up over many losses leave no graph", function()
  local x = mb.ones(10):requires_grad()
  local live
  for round = 1, 100 do
    (x * x):sum():backward()
    if round == 1 then live = mb.memory().live end
  end
  local memory = mb.memory()
  spec.equal({ memory.graph_operations, memory.live }, { 0, live })
end)

test("over the budget an operation's backward fails at its own line, and other graphs go on", function()
  local x = mb.ones(200, 200):requires_grad()
  local greedy = mb.operation {
    forward = function(_, t) return t * 1 end,
    backward = function(_, g)
      local held = {}
      for i = 1, 50 do
        held[i] = g * i
      end
      return held[50]
    end,
  }
  local y = greedy(x):sum()
  mb.set_memory_budget(mb.memory().live + 300000)
  local ok, raised = pcall(mb.grad, y, { x })
  mb.set_memory_budget()
  spec.equal(ok, false)
  spec.holds(tostring(raised):find("memory.lua:46: memory: ", 1, true), tostring(raised))
  spec.equal(mb.grad((x * 2):sum(), { x })[1][1][1], mb.tensor(2.0))
end)
