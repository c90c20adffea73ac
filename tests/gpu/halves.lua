-- Kernels of halves: float16 tensors in and out, of odd numbers of elements too, before and behind operations.
local mb = require "moonburn"

local halves = mb.kernel("tests/shaders/halves.wgsl")
for _, count in ipairs { 1, 2, 63, 1001 } do
  local x = mb.randn(count):cast("float16")
  local y = halves { x = x, shift = 0.5 }
  assert(y.dtype == "float16", y.dtype)
  local difference = (y:cast("float32") - (x:cast("float32") * 2 + 0.5)):abs():max():item()
  assert(difference < 0.01, difference)
end

local ok, raised = pcall(function() return halves { x = mb.randn(3), shift = 0 } end)
assert(not ok and tostring(raised):find("binding 'x' is an array of f16: wants a float16 tensor, got float32", 1, true), tostring(raised))
ok, raised = pcall(function() return halves { x = mb.randn(3):cast("float16"), shift = 70000 } end)
assert(not ok and tostring(raised):find("field 'shift' is f16, which 70000 is not", 1, true), tostring(raised))
