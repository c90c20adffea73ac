local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local swish = mb.kernel("swish.wgsl")

test("a kernel gives what its formula gives, whatever the size", function()
  for _, count in ipairs { 1, 2, 63, 64, 65, 1000, 4097 } do
    local x = mb.randn(count)
    spec.near(swish { x = x, beta = 1.5 }, x * (1.5 * x):sigmoid())
  end
end)

test("the output has the shape of the first input where none is given", function()
  local x = mb.randn(3, 5, 7)
  spec.equal(swish { x = x, beta = 1 }.shape, { 3, 5, 7 })
  spec.equal(swish { x = mb.tensor(2.0), beta = 1 }.shape, {})
end)

test("a tensor that is turned or cut out reaches the kernel as it is", function()
  local x = mb.randn(6, 9)
  for _, form in ipairs { x:transpose(1, 2), x[3], x:transpose(1, 2)[4], x:sum(1, true):expand(4, 9) } do
    spec.near(swish { x = form, beta = 2 }, form * (2 * form):sigmoid())
  end
end)

test("a plane of threads and a shape from the inputs", function()
  local product = mb.kernel("tests/shaders/product.wgsl", {
    shapes = function(inputs) return { product = { inputs.left.shape[1], inputs.right.shape[2] } } end,
    threads = function(inputs) return { inputs.columns, inputs.rows } end,
  })
  for _, sizes in ipairs { { 1, 1, 1 }, { 3, 4, 5 }, { 17, 9, 8 }, { 8, 3, 33 } } do
    local rows, inner, columns = table.unpack(sizes)
    local left, right = mb.randn(rows, inner), mb.randn(inner, columns)
    local got = product { left = left, right = right, rows = rows, inner = inner, columns = columns }
    spec.near(got, left:matmul(right), 1e-4)
  end
end)

test("several outputs of several dtypes come in the order of their bindings, zeros where nothing is written", function()
  local split = mb.kernel("tests/shaders/split.wgsl", {
    shapes = { positive = "x", doubled = "index", total = { 1 } },
    dtypes = { positive = "bool" },
    threads = 37,
  })
  local x, index = mb.randn(37), mb.range(-10, 26)
  local keep = mb.rand(37):gt(0.3)
  local doubled, positive, total = split { x = x, index = index, keep = keep }
  local want = x:gt(0):cast("int32") * keep:cast("int32")
  spec.equal({ doubled.dtype, positive.dtype, total.dtype }, { "int32", "bool", "int32" })
  spec.equal(doubled, index * 2)
  spec.equal(positive:cast("int32"), want)
  spec.equal(total, { want:sum():item() })
end)

test("an array of vectors takes tensors of whole vectors, a thread for each", function()
  local vectors = mb.kernel("tests/shaders/vectors.wgsl")
  for _, count in ipairs { 1, 4, 5, 33 } do
    local x = mb.randn(count, 4)
    spec.equal(vectors { x = x }, 2 * x)
  end
  spec.fails("tests/shaders/vectors.wgsl: binding 'x' is an array of vectors of 4, which shape [3, 3] is no multiple of",
    function() vectors { x = mb.ones(3, 3) } end)
end)

test("a kernel without an input fills the shape that it is given", function()
  local count = mb.kernel("tests/shaders/count.wgsl", { shapes = { y = { 2, 35 } } })
  spec.equal(count { first = -3 }, mb.range(-3, 66):reshape(2, 35))
end)

test("accesses outside of a binding are harmless", function()
  local outside = mb.kernel("tests/shaders/outside.wgsl", { groups = { 3 } })
  local x = mb.randn(70)
  spec.equal(outside { x = x }, x)
end)

test("what is computed after a kernel sees what it wrote", function()
  local x = mb.randn(100)
  local y = swish { x = swish { x = x * 2, beta = 1 } + 1, beta = 1 } * 3
  local inner = 2 * x * (2 * x):sigmoid() + 1
  spec.near(y, 3 * inner * inner:sigmoid())
end)

test("a kernel says what it takes and gives", function()
  spec.equal(tostring(swish), "kernel shaders/swish.wgsl(x: f32, beta) -> y: f32")
end)

test("one text has workgroups of several sizes, and tensors whose channels lie last", function()
  local x = mb.randn(2, 5, 3, 4)
  for _, threads in ipairs { 1, 32, 100 } do
    local pixels = mb.kernel("tests/shaders/pixels.wgsl", { constants = { THREADS = threads }, channels_last = { "x", "y" } })
    local y = pixels { x = x, channels = 5 }
    spec.equal(y.shape, { 2, 5, 3, 4 })
    spec.near(y, x * mb.range(1, 5):cast("float32"):reshape(1, 5, 1, 1))
  end
end)
