local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local function add_shapes()
  return mb.zeros(2) + mb.zeros(3) -- line 6
end

test("an error names the innermost line of the script", function()
  spec.fails("errors.lua:6: add: shapes differ: [2] and [3]", add_shapes)
end)

test("an error inside nested callbacks keeps its line", function()
  spec.fails("errors.lua:6: add: shapes differ", function()
    mb.no_grad(function()
      mb.no_grad(add_shapes)
    end)
  end)
end)

test("an error inside a coroutine keeps its line", function()
  spec.fails("errors.lua:6: add: shapes differ", coroutine.wrap(add_shapes))
end)

test("pcall gives an error whose text begins with the place", function()
  local ok, raised = pcall(add_shapes)
  spec.equal(ok, false)
  spec.holds(tostring(raised):find("^tests/scripts/api/errors.lua:6: add: shapes differ: %[2%] and %[3%]") ~= nil)
end)

test("an error that was caught can be raised again", function()
  local _, raised = pcall(add_shapes)
  spec.fails("errors.lua:6: add: shapes differ", function() error(raised) end)
end)

test("xpcall's handler sees the message", function()
  local _, text = xpcall(add_shapes, function(raised) return "handled " .. tostring(raised) end)
  spec.holds(text:find("handled tests/scripts/api/errors.lua:6: add", 1, true) ~= nil)
end)
