local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

test("an unknown name gets a suggestion", function()
  spec.fails("moonburn: unknown function 'zeroes'; did you mean 'zeros'?", function() return mb.zeroes(2) end)
  spec.fails("moonburn.nn: unknown function 'liner'; did you mean 'linear'?", function() return mb.nn.liner(2) end)
  spec.fails("Tensor: unknown name 'foo'", function() return mb.ones(2).foo end)
end)

test("the module is read-only, known names included", function()
  spec.fails("assignment: moonburn is read-only", function() mb.foo = 3 end)
  spec.fails("assignment: moonburn is read-only", function() mb.zeros = 3 end)
  spec.fails("assignment: moonburn.nn is read-only", function() mb.nn.linear = 3 end)
  spec.equal(getmetatable(mb), false)
end)

test("pairs lists what the module has", function()
  local found = {}
  for name in pairs(mb) do found[name] = true end
  spec.holds(found.zeros and found.nn)
end)
