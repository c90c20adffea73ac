-- What a user reads when a kernel is wrong, or used wrongly. Each names the file, and the binding where it is one.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local function refused(file, text, options)
  spec.fails(text, function() mb.kernel(file, options) end)
end

test("a file that is not there: where it was looked for, and what there is", function()
  refused("tests/shaders/vector.wgsl", "kernel: no file 'tests/shaders/vector.wgsl': there is no "
    .. "tests/scripts/kernel/tests/shaders/vector.wgsl, nor tests/shaders/vector.wgsl, nor shaders/tests/shaders/vector.wgsl; "
    .. "did you mean tests/shaders/vectors.wgsl?")
  refused("zzz.wgsl", "kernel: no file 'zzz.wgsl': there is no tests/scripts/kernel/zzz.wgsl, nor zzz.wgsl, nor shaders/zzz.wgsl")
  refused("swihs.wgsl", "nor shaders/swihs.wgsl; did you mean shaders/swish.wgsl?")
end)

test("invalid WGSL: file, line and column, in an included file too", function()
  refused("tests/shaders/wrong/syntax.wgsl", "tests/shaders/wrong/syntax.wgsl:6:20: ")
  refused("tests/shaders/wrong/types.wgsl", "tests/shaders/wrong/types.wgsl:6:")
  refused("tests/shaders/wrong/includes.wgsl", "tests/shaders/wrong/shared/part.wgsl:3:16: no definition in scope for identifier: `z`")
  refused("tests/shaders/wrong/includes_nothing.wgsl",
    "tests/shaders/wrong/includes_nothing.wgsl:2:1: included file 'nowhere.wgsl' not found; looked for tests/shaders/wrong/shared/nowhere.wgsl")
end)

test("a binding that is not used", function()
  refused("tests/shaders/wrong/unused.wgsl", "tests/shaders/wrong/unused.wgsl: binding 'z' is not used by main; remove it")
end)

test("a gradient that does not fit its kernel", function()
  local function backward(name, text)
    local file = "tests/shaders/wrong/" .. name .. ".wgsl"
    refused("swish.wgsl", file .. ": " .. text, { backward = file })
  end
  backward("backward_unknown", "unknown binding 'xx'; did you mean 'x'?")
  backward("backward_of_nothing", "unknown binding 'grad_z'; did you mean 'grad_x'?")
  backward("backward_alone", "does not read 'grad_y', which its gradients depend on")
  backward("backward_field", "unknown field 'gamma'; there are: beta")
  backward("backward_number", "binding 'x' is an array of i32, and must be of f32")
  refused("tests/shaders/split.wgsl",
    "tests/shaders/split.wgsl: a kernel with a gradient writes to one binding, not to doubled, positive, total",
    { backward = "swish_backward.wgsl" })
  refused("tests/shaders/count.wgsl", "tests/shaders/count.wgsl: binding 'y' is i32 and has no gradient", { backward = "swish_backward.wgsl" })
end)

test("inputs that are missing, unknown or of another type", function()
  local swish = mb.kernel("swish.wgsl")
  local x = mb.ones(3)
  spec.fails("shaders/swish.wgsl: input 'x' is missing", function() swish { beta = 1 } end)
  spec.fails("shaders/swish.wgsl: scalar 'beta', a field of its uniform, is missing", function() swish { x = x } end)
  spec.fails("shaders/swish.wgsl: unknown input 'bta'; did you mean 'beta'?", function() swish { x = x, beta = 1, bta = 2 } end)
  spec.fails("shaders/swish.wgsl: binding 'y' is written to, so it is an output: tensors do not change", function()
    swish { x = x, beta = 1, y = x }
  end)
  spec.fails("shaders/swish.wgsl: binding 'x' is an array of f32: wants a float32 tensor, got int32", function()
    swish { x = mb.tensor { 1, 2 }, beta = 1 }
  end)
  spec.fails("shaders/swish.wgsl: input 'x' must be a tensor, got a number", function() swish { x = 1, beta = 1 } end)
  spec.fails("shaders/swish.wgsl: scalar 'beta' must be a number, got a tensor", function() swish { x = x, beta = x } end)
  spec.fails("shaders/swish.wgsl: x must be a tensor or a number, got the string 'a'", function() swish { x = "a", beta = 1 } end)
  spec.fails("call: input must be a table, got a Tensor", function() swish(x) end)
end)

test("a scalar that its field cannot hold", function()
  local count = mb.kernel("tests/shaders/count.wgsl", { shapes = { y = { 3 } } })
  spec.fails("tests/shaders/count.wgsl: field 'first' is i32, which 0.5 is not", function() count { first = 0.5 } end)
  local product = mb.kernel("tests/shaders/product.wgsl", { threads = 1 })
  spec.fails("tests/shaders/product.wgsl: field 'rows' is u32, which -1 is not", function()
    product { left = mb.ones(1), right = mb.ones(1), rows = -1, inner = 1, columns = 1 }
  end)
end)

test("shapes and dtypes that fit no output", function()
  local x = mb.ones(3)
  refused("swish.wgsl", "shaders/swish.wgsl: unknown output 'z'; there are: y", { shapes = { z = "x" } })
  refused("swish.wgsl", "shaders/swish.wgsl: unknown output 'x'", { dtypes = { x = "bool" } })
  refused("swish.wgsl", "kernel: unknown option 'shape'; did you mean 'shapes'?", { shape = { y = "x" } })
  local function called(text, options) spec.fails(text, function() mb.kernel("swish.wgsl", options) { x = x, beta = 1 } end) end
  called("shaders/swish.wgsl: unknown input 'z'; there are: x", { shapes = { y = "z" } })
  called("shaders/swish.wgsl: the shape of 'y' must be a list or an input's name, got 3", { shapes = { y = 3 } })
  called("shaders/swish.wgsl: what shapes returns must be a table, got nothing", { shapes = function() end })
  called("attempt to index a nil value (field 'z')", { shapes = function(inputs) return { y = inputs.z.shape } end })
  called("shaders/swish.wgsl: binding 'y' is an array of f32, which is no bool", { dtypes = { y = "bool" } })
  spec.fails("tests/shaders/count.wgsl: shapes must be given for 'y', as there is no input, got nothing", function()
    mb.kernel("tests/shaders/count.wgsl") { first = 1 }
  end)
end)

test("sizes that are missing or over the device's limits", function()
  local x = mb.ones(3)
  spec.fails("tests/shaders/product.wgsl: its workgroup has more than one dim, [8, 8, 1], so say how many threads or groups it needs",
    function() mb.kernel("tests/shaders/product.wgsl") { left = x, right = x, rows = 1, inner = 1, columns = 1 } end)
  spec.fails("shaders/swish.wgsl: 100000000 workgroups in one dim are over the device's limit of ", function()
    mb.kernel("swish.wgsl", { groups = { 1, 100000000 } }) { x = x, beta = 1 }
  end)
  spec.fails("shaders/swish.wgsl: binding 'y' has 4398046511104 bytes, over the device's limit of ", function()
    mb.kernel("swish.wgsl", { shapes = { y = { 1048576, 1048576 } } }) { x = x, beta = 1 }
  end)
  refused("swish.wgsl", "kernel: threads must be left out where groups are given, got both", { threads = 1, groups = 1 })
  refused("swish.wgsl", "kernel: groups must be one to three counts, got 4 of them", { groups = { 1, 1, 1, 1 } })
  refused("swish.wgsl", "kernel: threads must be a positive integer, got 0", { threads = 0 })
  refused("swish.wgsl", "kernel: limit must be from 0.001 to 1000000 seconds, got 0", { limit = 0 })
end)

test("constants and layouts that are none of the kernel's", function()
  local file = "tests/shaders/pixels.wgsl"
  refused(file, file .. ": unknown constant 'THREAD'; did you mean 'THREADS'?", { constants = { THREAD = 32 } })
  refused(file, file .. ": every constant must be named, got 1", { constants = { 32 } })
  refused(file, file .. ": THREADS must be a number, got the string 'many'", { constants = { THREADS = "many" } })
  refused(file, file .. ": the value of an override is none of its type", { constants = { THREADS = -1 } })
  refused(file, file .. ": the value of an override is not finite", { constants = { THREADS = 0 / 0 } })
  refused(file, file .. ": unknown binding 'z'; there are: x, y", { channels_last = { "z" } })
  refused(file, file .. ": Entry point main at Compute is invalid: Workgroup size is out of range", { constants = { THREADS = 100000 } })
end)
