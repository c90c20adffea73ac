-- A kernel where there may be no adapter. Run by tests/gpu/live_kernels.rs.
local mb = require "moonburn"

local vectors = mb.kernel("vectors.wgsl")
vectors { x = mb.ones(8) }
