-- A kernel that never ends. Run by tests/gpu/live_kernels.rs. On a GPU device it is noticed where something is read, since the kernel
-- has ended once before.
local mb = require "moonburn"

local endless = mb.kernel("endless.wgsl", {
  limit = 1,
  shapes = { y = "x" },
  groups = function(inputs) return inputs.x:max():item() < 0 and 1 or { 65535, 65535 } end,
})
local x = mb.ones(2)
endless { x = -x }
local _, raised = pcall(function() return endless { x = x }:sum():item() end)
print(raised)
print(select(2, pcall(endless, { x = -x })))
print(select(2, pcall(function() return (x * 2):sum():item() end)))
error(raised, 0)
