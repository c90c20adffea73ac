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
  spec.fails("zeros: the tensor alone is over the memory budget: it takes 8.00 GiB, the budget is 1000 bytes, and ", function() return mb.zeros(2147483647) end)
  spec.fails("add: the tensor alone is over", function() return mb.zeros(50, 1) + mb.zeros(1, 50) end)
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
