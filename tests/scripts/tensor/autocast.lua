local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

-- 1 + 2⁻¹¹ lies between two float16 numbers, 1 + 2⁻⁸ between two of bfloat16: both become 1.
local between = { float16 = 1 + 2 ^ -11, bfloat16 = 1 + 2 ^ -8 }

local function product(x)
  return mb.tensor({ { x } }, "float32"):matmul(mb.ones(1, 1)):item()
end

test("autocast rounds the operands of a matrix product and returns what its function returns", function()
  for precision, x in pairs(between) do
    local y, more = mb.autocast(precision, function() return product(x), "more" end)
    spec.equal({ y, product(x), more }, { 1, x, "more" })
  end
end)

test("results are float32 and all else is computed in it", function()
  local x = between.float16
  local sum, dtype = mb.autocast("float16", function()
    local t = mb.tensor { x }
    return (t + t):item(), mb.ones(2, 2):matmul(mb.ones(2, 2)).dtype
  end)
  spec.equal(sum, 2 * x)
  spec.equal(dtype, "float32")
end)

test("scopes nest, and an error restores the outer one and keeps its line", function()
  local x = between.float16
  mb.autocast("float16", function()
    spec.equal(mb.autocast("float32", function() return product(x) end), x)
    spec.fails("autocast.lua:34: boo", function()
      mb.autocast("float32", function() error("boo") end)
    end)
    spec.equal(product(x), 1)
  end)
  spec.equal(product(x), x)
end)

test("gradients flow through the casts, and are computed outside of the scope as well", function()
  local a, b = mb.randn(5, 7):requires_grad(), mb.randn(7, 4):requires_grad()
  local want = mb.grad(a:matmul(b):sum(), { a, b })
  local got = mb.grad(mb.autocast("float16", function() return a:matmul(b) end):sum(), { a, b })
  spec.near(got[1], want[1], 5e-3)
  spec.near(got[2], want[2], 5e-3)
  spec.holds((got[1] - want[1]):abs():max():item() > 0)
end)

test("layers compute in the scope's precision, their biases and norms in float32", function()
  local conv = mb.nn.conv2d(3, 4, { kernel = 3 }):realise("conv")
  local norm = mb.nn.batch_norm(4):realise("norm")
  local x = mb.randn(2, 3, 6, 6)
  local whole, half = conv(x), mb.autocast("float16", function() return conv(x) end)
  spec.near(half, whole, 5e-3)
  spec.holds((half - whole):abs():max():item() > 0)
  spec.equal(mb.autocast("float16", function() return norm(whole) end), norm(whole))
end)

test("losses, distances and solves are float32 whatever the scope", function()
  local z = mb.randn(8, 4)
  local a = z:transpose():matmul(z) + mb.eye(4)
  local function values()
    return {
      mb.loss.nt_xent(z, { views = 2, temperature = 0.1 }),
      mb.loss.cross_entropy(z, mb.tensor { 1, 2, 3, 4, 1, 2, 3, 4 }),
      mb.linalg.squared_distances(z, z * 1.01),
      mb.linalg.solve_spd(a, z:transpose()),
    }
  end
  local want = values()
  for i, value in ipairs(mb.autocast("bfloat16", values)) do spec.equal(value, want[i]) end
end)

test("a module of one's own computes in the scope's precision", function()
  local layer = mb.nn.module { forward = function(_, x) return x:matmul(mb.ones(1, 1)) end }:realise("layer")
  local x = mb.tensor { { between.float16 } }
  spec.equal(mb.autocast("float16", function() return layer(x) end), { { 1 } })
  spec.equal(layer(x), x)
end)

test("misuse is an error", function()
  local nothing = function() end
  spec.fails("precision: unknown format 'flaot16'; did you mean 'float16'?", function() mb.autocast("flaot16", nothing) end)
  spec.fails("autocast: precision must be one of", function() mb.autocast(16, nothing) end)
  spec.fails("autocast: body must be a function, got 3", function() mb.autocast("float16", 3) end)
end)
