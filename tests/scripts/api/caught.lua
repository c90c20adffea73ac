-- What a script's protected calls catch: text, as Lua's own errors are.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local function wrong() return mb.ones(2):sum(5) end

test("an error that is caught is text with the script's line", function()
  local _, raised = pcall(wrong)
  spec.equal(type(raised), "string")
  spec.holds(raised:find "^tests/scripts/api/caught.lua:6: sum: dim 5 is out of range", raised)
  spec.holds(not raised:find "\n", raised)
  local _, handled = xpcall(wrong, function(message) return message:upper() end)
  spec.holds(handled:find "SUM: DIM 5 IS OUT OF RANGE", handled)
  local _, resumed = coroutine.resume(coroutine.create(wrong))
  spec.holds(resumed:find "sum: dim 5", resumed)
end)

test("what a script raises is what it catches", function()
  local own = setmetatable({}, { __tostring = function() return "own" end })
  spec.equal(select(2, pcall(error, own)) == own, true)
  spec.equal(select(2, pcall(error)), nil)
  spec.equal(select(2, pcall(error, "plain", 0)), "plain")
  local tensor = mb.ones(2)
  spec.equal(select(2, pcall(error, tensor)) == tensor, true)
  local _, placed = pcall(function() error "here" end)
  spec.equal(placed, "tests/scripts/api/caught.lua:26: here")
  local function helper() error("caller", 2) end
  local _, of_caller = pcall(function()
    helper()
  end)
  spec.equal(of_caller, "tests/scripts/api/caught.lua:30: caller")
end)

test("an error that is raised again is told as at first", function()
  local _, raised = pcall(wrong)
  local _, again = pcall(function() error(raised) end)
  spec.equal(again, raised)
  local _, asserted = pcall(function() return assert(pcall(wrong)) end)
  spec.equal(asserted, raised)
  local _, other = pcall(function() error("step 3: " .. raised, 0) end)
  spec.equal(other, "step 3: " .. raised)
end)

test("assert gives what holds, and raises what does not as it is", function()
  spec.equal({ assert(1, "two", 3) }, { 1, "two", 3 })
  spec.equal(select(2, pcall(assert, false, "plain")), "plain")
  spec.equal(select(2, pcall(assert, nil)), "assertion failed!")
  spec.fails("bad argument #1 to 'assert' (value expected)", assert)
end)
