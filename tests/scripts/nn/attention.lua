local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local attend = mb.nn.scaled_dot_product_attention

test("attention is what its formula says, by any mask", function()
  local q, k, v = mb.randn(2, 3, 5, 4), mb.randn(2, 3, 7, 4), mb.randn(2, 3, 7, 6)
  local scores = q:matmul(k:transpose()) / 2
  spec.near(attend(q, k, v), scores:softmax(-1):matmul(v))
  local added = mb.randn(5, 7)
  spec.near(attend(q, k, v, { mask = added }), (scores + added):softmax(-1):matmul(v))
  local seen = mb.rand(5, 7):gt(0.3)
  seen[{ {}, 1 }] = true
  local hidden = scores:masked_fill(~seen, -math.huge)
  spec.near(attend(q, k, v, { mask = seen }), hidden:softmax(-1):matmul(v))
  spec.near(attend(q, k, v, { scale = 1 }), (scores * 2):softmax(-1):matmul(v))
end)

test("a causal query sees nothing of what comes later", function()
  local x = mb.randn(1, 6, 4):requires_grad()
  local y = attend(x, x, x, { causal = true })
  local by_x = mb.grad(y[1][3]:sum(), { x })[1][1]
  spec.holds(by_x[3]:abs():sum():item() > 0)
  spec.equal(by_x:slice(1, 4, 6), mb.zeros(3, 4))
end)

test("a query to which no key takes part gives 0 and has no gradient", function()
  local q, k = mb.randn(2, 3):requires_grad(), mb.randn(4, 3)
  local seen = mb.tensor { { true, true, false, true }, { false, false, false, false } }
  local y = attend(q, k, k, { mask = seen })
  spec.equal(y[2], { 0, 0, 0 })
  spec.equal(mb.grad(y:sum(), { q })[1][2], { 0, 0, 0 })
end)

test("its dropout is a draw of its own in each call, and the same when it is computed again", function()
  local x = mb.randn(8, 5)
  spec.holds(not attend(x, x, x, { dropout = 0.5 }):equal(attend(x, x, x, { dropout = 0.5 })))
  local z = x:clone():requires_grad()
  local y = mb.recompute(function(z) return attend(z, z, z, { dropout = 0.5 }) end, z)
  spec.holds(mb.grad(y:sum(), { z })[1]:isfinite():all():item())
end)

test("memory grows with the length and not with its square", function()
  local length, heads = 3000, 4
  local q = mb.randn(1, heads, length, 32):requires_grad()
  mb.grad(attend(q, q, q):sum(), { q })
  -- All scores, which the backward pass would hold twice or more.
  local scores = heads * length * length * 4
  spec.holds(mb.memory().peak < 0.6 * scores, ("%d of %d"):format(mb.memory().peak, scores))
end)

test("mistakes with attention are told", function()
  local q = mb.zeros(2, 4, 5)
  spec.fails("scaled_dot_product_attention: [2, 4, 5] and [2, 3, 6] do not fit: keys are [..., S, E] for queries [..., L, E]", function()
    return attend(q, mb.zeros(2, 3, 6), mb.zeros(2, 3, 6))
  end)
  spec.fails("scaled_dot_product_attention: [2, 4, 4] and [3, 4] do not fit: a mask broadcasts to the scores [..., L, S]", function()
    return attend(q, q, q, { mask = mb.zeros(3, 4) })
  end)
  spec.fails("scaled_dot_product_attention: wants a bool tensor, got int32", function() return attend(q, q, q, { mask = mb.tensor { 1, 0, 1, 1 } }) end)
  spec.fails("scaled_dot_product_attention: dropout must be from 0 to 1, got -1", function() return attend(q, q, q, { dropout = -1 }) end)
  spec.fails("multi_head_attention: heads must be a divisor of the size 6, got 4", function() return mb.nn.multi_head_attention(6, { heads = 4 }) end)
  spec.fails("multi_head_attention: heads must be given, got nothing", function() return mb.nn.multi_head_attention(6) end)
end)

test("a block in evaluation drops nothing, and in training something", function()
  local block = mb.nn.transformer_block(8, { heads = 2, drop_path = 0.5, drop = 0.1, attn_drop = 0.1 }):realise("block")
  local x = mb.randn(16, 5, 8)
  spec.holds(not block(x):equal(block(x)))
  block:eval()
  spec.equal(block(x), block(x))
end)

test("heads of one input, of two and of three", function()
  local attn = mb.nn.multi_head_attention(6, { heads = 3 }):realise("attn")
  local x, y = mb.randn(2, 4, 6), mb.randn(2, 5, 6)
  spec.near(attn(x), attn(x, x, x))
  spec.near(attn(x, y), attn(x, y, y))
  spec.near(attn(x[1]), attn(x)[1])
  spec.fails("attn: multi_head_attention: wants [N, L, 6] or [L, 6], got shape [2, 4]", function() return attn(mb.ones(2, 4)) end)
end)
