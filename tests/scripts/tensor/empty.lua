-- Tensors with a dim of 0, as PyTorch has them: an empty class, an empty queue.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local none, rows = mb.zeros(0, 3), mb.ones(2, 3)

test("they have a shape, a length and nothing in them", function()
  spec.equal(none.shape, { 0, 3 })
  spec.equal({ #none, none:numel(), none.rank }, { 0, 0, 2 })
  spec.equal(none:to_table(), {})
  spec.equal(mb.zeros(2, 0):to_table(), { {}, {} })
  spec.equal(mb.tensor({}).shape, { 0 })
  spec.equal(mb.tensor({ {}, {} }, "int32").shape, { 2, 0 })
  spec.equal(tostring(mb.tensor {}), "tensor [0] float32 on cpu\n[]")
  for _ in ipairs(none) do spec.holds(false) end
  for _ in pairs(none) do spec.holds(false) end
end)

test("elementwise operations give none again", function()
  for _, found in ipairs {
    none + 1, -none, none * none, none / rows[1], none:exp(), none:gt(0), none:eq(none), none:softmax(), none:log_softmax(1),
    none:relu(), none:maximum(none), none:clamp(0, 1), none ^ 2, none:normalize(), mb.where(none:gt(0), none, 1), none % 2, none // 2,
    none:masked_fill(none:gt(0), 1), none:gelu(), none:sigmoid(),
  } do
    spec.equal(found.shape, { 0, 3 })
  end
  spec.equal((mb.zeros(2, 1, 0) + mb.zeros(3, 1)).shape, { 2, 3, 0 })
  spec.fails("add: shapes differ: [0, 3] and [2, 3]", function() return none + rows end)
end)

test("a sum over nothing is 0, a mean NaN, an extreme an error", function()
  spec.equal(none:sum():item(), 0)
  spec.equal(none:sum(1), { 0, 0, 0 })
  spec.equal(none:sum(2).shape, { 0 })
  spec.equal(mb.zeros({ 0 }, "int32"):sum():item(), 0)
  spec.holds(none:mean():item() ~= none:mean():item())
  spec.equal(none:norm(1), { 0, 0, 0 })
  spec.equal(none:max(2).shape, { 0 })
  spec.fails("max: a tensor without elements has none; its shape is [0, 3]", function() return none:max() end)
  spec.fails("min: dim 1 has no elements", function() return none:min(1) end)
  spec.fails("argmax: dim 1 has no elements", function() return none:argmax(1) end)
  spec.equal(none:argmax().shape, { 0 })
end)

test("shapes change as those of others do", function()
  spec.equal(none:reshape(3, 0).shape, { 3, 0 })
  spec.equal(none:transpose().shape, { 3, 0 })
  spec.equal(none:flatten().shape, { 0 })
  spec.equal(none:unsqueeze(1).shape, { 1, 0, 3 })
  spec.equal(none:flip(1).shape, { 0, 3 })
  spec.equal(mb.ones(1, 3):expand(0, 3).shape, { 0, 3 })
  spec.equal(none:slice(2, 1, 2).shape, { 0, 2 })
  spec.equal(rows:slice(1, 2, 1).shape, { 0, 3 })
  spec.equal(rows:select(1, {}).shape, { 0, 3 })
  spec.equal(rows:select(1, mb.zeros({ 0 }, "int32")).shape, { 0, 3 })
  spec.equal(none:at(1, 2).shape, { 0 })
  spec.equal(mb.cat({ none, rows }), rows)
  spec.equal(mb.cat({ none, none }).shape, { 0, 3 })
  spec.equal(mb.stack({ none, none }).shape, { 2, 0, 3 })
  spec.equal(mb.zeros({ 0 }, "int32"):one_hot(4).shape, { 0, 4 })
end)

test("a product over nothing is 0", function()
  spec.equal(rows:matmul(mb.zeros(3, 0)).shape, { 2, 0 })
  spec.equal(mb.zeros(2, 0):matmul(mb.zeros(0, 2)), { { 0, 0 }, { 0, 0 } })
  spec.equal(mb.linalg.squared_distances(none, rows).shape, { 0, 2 })
  spec.equal(mb.linalg.solve_spd(mb.eye(2), mb.zeros(2, 0)).shape, { 2, 0 })
end)

test("gradients go through, zeros where nothing was", function()
  local x, w = mb.zeros(0, 3):requires_grad(), mb.ones(3, 2):requires_grad()
  local gradients = mb.grad((x:matmul(w) ^ 2):sum() + x:mean(2):sum() + mb.cat({ x, w:transpose() }):sum(), { x, w })
  spec.equal(gradients[1].shape, { 0, 3 })
  spec.equal(gradients[2], { { 1, 1 }, { 1, 1 }, { 1, 1 } })
  local b = mb.ones(3):requires_grad()
  spec.equal(mb.grad((none + b):sum(), { b })[1], { 0, 0, 0 })
end)

test("images, pools and losses take batches of none", function()
  local images = mb.zeros(0, 3, 8, 8)
  spec.holds(not pcall(mb.loss.cross_entropy, mb.zeros(0, 1), mb.zeros({ 0 }, "int32")))
  local loss = mb.loss.cross_entropy(mb.zeros(0, 5), mb.zeros({ 0 }, "int32")):item()
  spec.holds(loss ~= loss)
  spec.equal(images:flatten(2).shape, { 0, 192 })
end)

test("none of something is made, taken and repeated", function()
  for sizes, found in pairs {
    ["0"] = { mb.range(1, 0), mb.range(3, 1), mb.range(1, 3, -1), mb.linspace(0, 1, 0), mb.logspace(0, 1, 0), mb.randperm(0), mb.full({ 0 }, 3),
      mb.truncated_normal { 0 }, mb.ones(4):topk(0), mb.zeros(0):topk(0), mb.ones(4):narrow(1, 4, 0), mb.ones(4):repeat_interleave(0),
      mb.ones(4):split({ 0, 4 })[1], mb.zeros(0):chunk(3)[3], mb.zeros(0):unique(), mb.ones(4)[mb.ones(4):gt(1)], mb.ones(4)[{ { 3, 2 } }],
      mb.ones(4):tile(0), mb.zeros(0):sort(), mb.zeros(0):cumsum(1), mb.zeros(0):diff(), mb.ones(2):diff(5) },
    ["0 x 0"] = { mb.eye(0), mb.full({ 0, 0 }, 1, "int64"), mb.zeros(0, 0):unflatten(1, { 0 }) },
    ["3 x 0"] = { mb.ones(3, 4):topk(0), mb.ones(3, 4):topk(0, 2, { largest = false }), mb.ones(3, 4):repeat_interleave(0, 2), mb.full({ 3, 0 }, 1) },
  } do
    for place, tensor in ipairs(found) do spec.equal(place .. ": " .. table.concat(tensor.shape, " x "), place .. ": " .. sizes) end
  end
  spec.equal({ mb.range(5, 1, -2):to_table(), mb.range(5, 2, -2):to_table(), mb.range(3, 3):to_table() }, { { 5, 3, 1 }, { 5, 3 }, { 3 } })
  local x = mb.ones(3):requires_grad()
  spec.equal(mb.grad(x:topk(0):sum() + x:narrow(1, 2, 0):sum(), { x })[1], { 0, 0, 0 })
  spec.fails("topk: k must be 0 to 3, got 4", function() return x:topk(4) end)
  spec.fails("kthvalue: k must be a positive integer, got 0", function() return x:kthvalue(0) end)
  spec.fails("chunk: takes", function() return mb.zeros(0):chunk(1e15) end)
end)

test("a vector of nothing is joined to anything, a mask of no dims picks nothing", function()
  spec.equal(mb.cat({ mb.zeros(0), rows }), rows)
  spec.equal(mb.cat({ rows, mb.zeros(0) }, 2), rows)
  spec.equal(mb.cat({ mb.zeros(0), mb.ones({ 1, 2 }, "int32") }).dtype, "float32")
  spec.fails("index_put: ", function() return mb.zeros(3):index_put({ mb.tensor(false) }, mb.tensor(5.0)) end)
end)
