local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

test("what a script lets go of is no longer live", function()
  local before = mb.memory().live
  local held = mb.zeros(100, 100)
  spec.equal(mb.memory().live - before, 40000)
  held = nil
  spec.equal(mb.memory().live, before)
end)

test("holding more than the budget is an error at its line, and the script can go on", function()
  mb.set_memory_budget(1000000)
  local held = {}
  spec.fails("memory.lua:18: memory: 1040000 bytes of tensors are live, over the budget of 1000000", function()
    for i = 1, 100 do
      held[i] = mb.zeros(100, 100) -- 40,000 bytes
    end
  end)
  spec.equal(#held, 25)
  held = nil
  spec.equal((mb.ones(100, 100) * 2):sum():item(), 20000)
end)

test("a tensor that is larger than the budget by itself is never allocated", function()
  mb.set_memory_budget(1000)
  spec.fails("zeros: takes 8.00 GiB, and 1000 bytes are left of the memory budget; set_memory_budget changes it (0 bytes of tensors are in use)", function() return mb.zeros(2147483647) end)
  spec.fails("add: takes 9.8 KiB, and ", function() return mb.zeros(50, 1) + mb.zeros(1, 50) end)
end)

test("whatever makes a tensor asks for room before it takes it", function()
  mb.set_memory_budget(1 << 20)
  local side, many = 1 << 14, (1 << 31) - 1
  local one, labels = mb.ones(1, 1), mb.ones(1):cast("int32")
  local column = mb.ones(side, 1)
  local makers = {
    zeros = function() return mb.zeros(many) end, ones = function() return mb.ones(side, side) end,
    full = function() return mb.full({ many }, 1, "int32") end, arange = function() return mb.arange(1, many) end,
    rand = function() return mb.rand(side, side) end, randn = function() return mb.randn(side, side) end,
    randperm = function() return mb.randperm(many) end, eye = function() return mb.eye(side) end,
    one_hot = function() return labels:one_hot(many) end, expand = function() return one:expand(side, side) end,
    add = function() return column + column:transpose(1, 2) end, matmul = function() return column:matmul(column:transpose(1, 2)) end,
    squared_distances = function() return mb.linalg.squared_distances(column, column) end,
    linear = function() return mb.nn.linear(side, side):realise("a") end,
    linear_map = function() return mb.nn.linear(1, side):realise("h")(column) end,
    layer_norm = function() return mb.nn.layer_norm(1):realise("i")(column:expand(side, side):unsqueeze(3)) end,
    attention = function() return mb.nn.scaled_dot_product_attention(column, mb.ones(1, 1), mb.ones(1, side)) end,
    parameter = function() return mb.nn.module { w = mb.nn.parameter { side, side }, forward = function(_, x) return x end }:realise("b") end,
    conv2d = function() return mb.nn.conv2d(1 << 13, 1 << 13):realise("c") end,
    projector = function() return mb.nn.projector { side, side }:realise("d") end,
    padding = function() local pad = mb.nn.conv2d(1, 1, { padding = side }) pad:realise("e") return pad(mb.ones(1, 1, 4, 4)) end,
    batch_norm = function() return mb.nn.batch_norm(many):realise("f") end,
    resnet = function() return mb.model.resnet50 { width = 1024 }:realise("g") end,
    views = function() return mb.augment.random_resized_crop { size = 8192 }:apply(mb.ones(1, 3, 2, 2)) end,
  }
  for name, make in pairs(makers) do
    local ok, raised = pcall(make)
    spec.holds(not ok and tostring(raised):find(" are left of the memory budget", 1, true), name .. ": " .. tostring(raised))
  end
end)

test("garbage makes room for what is asked for", function()
  mb.set_memory_budget(300 << 20)
  for _ = 1, 4 do mb.zeros(50, 1 << 20) end
  spec.holds(mb.memory().peak <= 300 << 20)
end)

test("the peak is kept, and starts anew with a budget", function()
  mb.set_memory_budget(1 << 20)
  local peak = mb.memory().peak
  mb.zeros(1000):sum()
  spec.holds(mb.memory().peak >= peak + 4004)
  mb.set_memory_budget(1 << 20)
  spec.holds(mb.memory().peak < peak + 4000)
  spec.equal(mb.memory().budget, 1 << 20)
end)

test("a budget is a positive number of bytes", function()
  spec.fails("set_memory_budget: bytes must be a positive integer, got -1", function() mb.set_memory_budget(-1) end)
end)
