-- Linear algebra with gradients.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local function spd(size)
  local half = mb.randn(size, size)
  return half:matmul(half:transpose(1, 2)) + size * mb.eye(size)
end

test("what solve_spd finds multiplies back, for single matrices and batches", function()
  local a, b = mb.stack { spd(7), spd(7) }, mb.randn(2, 7, 3)
  spec.near(a:matmul(mb.linalg.solve_spd(a, b)), b, 1e-4)
  spec.near(a[2]:matmul(mb.linalg.solve_spd(a[2], b[2])), b[2], 1e-4)
end)

test("solve_spd's gradients are those of finite differences", function()
  local half, b, weight = mb.randn(5, 5), mb.randn(5, 2), mb.randn(5, 2)
  local function loss(m, right) return (mb.linalg.solve_spd(m:matmul(m:transpose(1, 2)) + 3 * mb.eye(5), right) * weight):sum() end
  local tracked = { half:requires_grad(), b:requires_grad() }
  local gradients = mb.grad(loss(tracked[1], tracked[2]), tracked)
  for i, start in ipairs { half, b } do
    local direction = mb.randn(start.shape)
    local function along(step)
      local moved = { half, b }
      moved[i] = start + step * direction
      return loss(moved[1], moved[2]):item()
    end
    spec.near((gradients[i] * direction):sum():item(), (along(1e-2) - along(-1e-2)) / 2e-2, 1e-2)
  end
end)

test("solve_spd says what is wrong with a matrix", function()
  local function fails(text, a, b) spec.fails(text, function() return mb.linalg.solve_spd(a, b) end) end
  fails("solve_spd: matrix 1 is not positive definite: pivot 2 is -3.000e0", mb.tensor { { 1.0, 2.0 }, { 2.0, 1.0 } }, mb.ones(2, 1))
  fails("matrix 2 is not positive definite", mb.stack { mb.eye(2), mb.ones(2, 2) }, mb.ones(2, 2, 1))
  fails("matrix 1 is not symmetric", mb.tensor { { 1.0, 0.5 }, { 0.0, 1.0 } }, mb.ones(2, 1))
  fails("matrix 1 is not finite", mb.eye(2) / 0, mb.ones(2, 1))
  fails("b must be finite", mb.eye(2), mb.ones(2, 1) / 0)
  spec.near(mb.linalg.solve_spd(mb.tensor { { 1e8, 0.0 }, { 0.0, 1.0 } }, mb.ones(2, 1)), { { 1e-8 }, { 1.0 } })
  fails("solve_spd: [2, 2] and [3, 1] do not fit: it wants [..., n, n] and [..., n, m]", mb.eye(2), mb.ones(3, 1))
  fails("solve_spd: [2, 3] and [2, 1] do not fit", mb.ones(2, 3), mb.ones(2, 1))
end)

test("squared distances are sums of squares, also far from the origin", function()
  local a, b = mb.randn(4, 6), mb.randn(5, 6)
  for _, offset in ipairs { 0, 1000 } do
    local found = mb.linalg.squared_distances(a + offset, b + offset)
    local differences = (a + offset):unsqueeze(2) - (b + offset):unsqueeze(1)
    spec.near(found, (differences * differences):sum(3), 1e-3)
  end
  spec.fails("squared_distances: [4, 6] and [5, 7] do not fit: it wants [..., n, d] and [..., m, d]", function() return mb.linalg.squared_distances(a, mb.randn(5, 7)) end)
end)

test("the gradient of squared distances is 2(a − b), summed", function()
  local a, b = mb.randn(4, 3):requires_grad(), mb.randn(2, 3):requires_grad()
  local gradients = mb.grad(mb.linalg.squared_distances(a, b):sum(), { a, b })
  spec.near(gradients[1], 2 * (2 * a:detach() - b:detach():sum(1, true)), 1e-4)
  spec.near(gradients[2], 2 * (4 * b:detach() - a:detach():sum(1, true)), 1e-4)
end)

test("svm_dual refuses labels and options that make no sense", function()
  local function fails(text, labels, options)
    spec.fails(text, function() return mb.linalg.svm_dual(mb.eye(3), mb.tensor(labels), options) end)
  end
  fails("label 4 is out of range: there are 3 classes", { 1, 2, 4 }, { ways = 3 })
  fails("label 0 is out of range", { 0, 1, 2 }, { ways = 3 })
  fails("c must be a number over 0, got 0", { 1, 2, 3 }, { ways = 3, c = 0 })
  fails("[3, 3] and [2] do not fit: it wants [..., n, n] and labels [..., n]", { 1, 2 }, { ways = 3 })
  fails("ways must be given", { 1, 2, 3 }, {})
  fails("ways must be at most the 3 support rows, got 1000000000", { 1, 2, 3 }, { ways = 1000000000 })
  local function gram(text, matrix, options) spec.fails(text, function() return mb.linalg.svm_dual(matrix, mb.tensor { 1, 2 }, options or { ways = 2 }) end) end
  gram("matrix 1 is no Gram matrix: its entry [1, 1] is -1", -mb.eye(2))
  gram("matrix 1 is no Gram matrix: its entry [1, 2] is 5", mb.tensor { { 1.0, 5.0 }, { 5.0, 1.0 } })
  gram("matrix 1 still violates optimality by", mb.tensor { { 1.0, 0.999 }, { 0.999, 1.0 } }, { ways = 2, c = 1e9, sweeps = 3 })
end)

test("256 classes of one shot fit into a budget of 8 MB of tensors", function()
  local rows = mb.randn(256, 128):normalize()
  mb.set_memory_budget(8 * 2 ^ 20)
  local alpha = mb.linalg.svm_dual(rows:matmul(rows:transpose(1, 2)), mb.range(1, 256), { ways = 256 })
  spec.equal(alpha.shape, { 256, 256 })
  spec.near(alpha:sum(2):abs():max():item(), 0, 1e-5)
end)
