-- Loses the device between two calls of a kernel. Run by tests/lost_device.rs.
local mb = require "moonburn"

local swish = mb.kernel("swish.wgsl")
local x = mb.randn(100)
mb.lose()
for _ = 1, 2 do
  local ok, raised = pcall(function() return swish { x = x, beta = 2 }:sum():item() end)
  assert(not ok, "a kernel on a lost device is an error")
  assert(tostring(raised):find("lost", 1, true), tostring(raised))
  print(raised)
end
