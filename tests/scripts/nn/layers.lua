local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

test("dropout drops a share, scales the rest, and is the input in evaluation", function()
  local drop, x = mb.nn.dropout(0.25), mb.ones(4000)
  local y = drop(x)
  local kept = y:gt(0):sum():item()
  spec.holds(kept > 2850 and kept < 3150, kept)
  spec.near(y:sum():item(), kept / 0.75)
  spec.equal(drop:eval()(x), x)
end)

test("two dropouts of one step drop different values, and so do two calls of one", function()
  local a, b, x = mb.nn.dropout(0.5):realise("a"), mb.nn.dropout(0.5):realise("b"), mb.ones(200)
  local first, second, other = a(x), a(x), b(x)
  spec.holds(not first:equal(second) and not first:equal(other))
end)

test("a dropout that is computed again drops the same", function()
  local drop, x = mb.nn.dropout(0.5), mb.ones(300):requires_grad()
  local y = mb.recompute(function(x) return drop(x * x) end, x)
  spec.equal(mb.grad(y:sum(), { x })[1], 2 * y:detach())
end)

test("dropout within a module of one's own, a functional call and a copy draws as well", function()
  local module = mb.nn.module { drop = mb.nn.dropout(0.5), forward = function(self, x) return self.drop(x) end }
  local x = mb.ones(200)
  for _, y in ipairs { module(x), module:forward(x), module:functional_call({}, x), module:copy()(x) } do
    spec.holds(y:eq(0):any():item() and y:eq(2):any():item())
  end
end)

test("drop_path drops whole rows, dropout2d whole channels", function()
  local rows = mb.nn.drop_path(0.5)(mb.ones(200, 3, 2))
  spec.equal(rows:amax({ 2, 3 }), rows:amin({ 2, 3 }))
  local channels = mb.nn.dropout2d(0.5)(mb.ones(20, 10, 3, 2))
  spec.equal(channels:amax({ 3, 4 }), channels:amin({ 3, 4 }))
  spec.holds(channels:amax({ 2, 3, 4 }):min():item() > 0)
end)

test("mistakes with dropout are told", function()
  spec.fails("dropout: p must be from 0 to 1, got 2", function() return mb.nn.dropout(2) end)
  spec.fails("drop_path: p must be a number, got the string 'much'", function() return mb.nn.drop_path("much") end)
  spec.fails("dropout: wants a float32 tensor, got int32", function() return mb.nn.dropout(0.5)(mb.tensor { 1, 2 }) end)
end)

test("norms have mean 0 and variance 1 over what they normalise", function()
  local x = mb.rand(3, 6, 5, 4) * 7 + 3
  local layer = mb.nn.layer_norm({ 5, 4 }):realise("a")(x):flatten(3)
  local group = mb.nn.group_norm(2, 6):realise("b")(x):reshape(3, 2, -1)
  local instance = mb.nn.instance_norm(6)(x):flatten(3)
  for _, y in ipairs { layer, group, instance } do
    spec.near(y:mean(3):abs():max():item(), 0, 1e-5)
    spec.near((y * y):mean(3):min():item(), 1, 1e-3)
  end
  local rms = mb.nn.rms_norm(4, { weight = false })(x)
  spec.near((rms * rms):mean(4):max():item(), 1)
end)

test("a norm of other sizes tells which it wants", function()
  spec.fails("norm: layer_norm: wants [..., 4], got shape [2, 3]", function()
    return mb.nn.layer_norm(4):realise("norm")(mb.ones(2, 3))
  end)
  spec.fails("layer_norm: unknown option 'eps'", function() return mb.nn.layer_norm(4, { eps = 1e-6 }) end)
  spec.fails("group_norm: groups must be a divisor of the 6 channels, got 4", function() return mb.nn.group_norm(4, 6) end)
end)

test("activations are the tensors' own", function()
  local x = mb.randn(3, 4)
  for _, name in ipairs { "silu", "mish", "selu", "relu6", "sigmoid", "logsigmoid", "tanh", "softsign", "hardswish", "gelu" } do
    spec.equal(mb.nn[name]()(x), x[name](x))
  end
  spec.equal(mb.nn.softmax()(x), x:softmax(2))
  spec.equal(mb.nn.softmax(1)(x), x:softmax(1))
  spec.near(mb.nn.gelu({ approximate = "tanh" })(x), x:gelu(), 2e-3)
  spec.fails("softmax: dim 3 is out of range: 1 to 2, or -1 to -2", function() return mb.nn.softmax(3)(x) end)
  spec.fails("gelu: unknown approximate 'tan'; did you mean 'tanh'?", function() return mb.nn.gelu { approximate = "tan" } end)
end)

test("ids of an embedding count from 1", function()
  local words = mb.nn.embedding(3, 2, { padding = 3 }):realise("words")
  local y = words(mb.tensor { 1, 3, 2 })
  spec.equal(y[1], words.weight[1])
  spec.equal(y[2], { 0, 0 })
  spec.equal(y[3], words.weight[2])
  y:sum():backward()
  spec.equal(words.weight:grad(), { { 1, 1 }, { 1, 1 }, { 0, 0 } })
  spec.fails("words: embedding: id 0 is out of range: 1 to 3", function() return words(mb.tensor { 0 }) end)
  spec.fails("words: embedding: id 4 is out of range: 1 to 3", function() return words(mb.tensor { 4 }) end)
end)

test("a layer of no inputs, outputs or channels is told where it is made", function()
  spec.fails("linear: inputs must be a positive integer, got 0", function() return mb.nn.linear(0, 3) end)
  spec.fails("linear: outputs must be a positive integer, got 0", function() return mb.nn.linear(3, 0) end)
  spec.fails("batch_norm: channels must be a positive integer, got 0", function() return mb.nn.batch_norm(0) end)
end)

test("networks take images of as many channels as they are told", function()
  local model = mb.model
  for _, network in ipairs {
    model.resnet18 { stem = "cifar", width = 2, channels = 1 }, model.resnet50 { width = 2, channels = 4 },
    model.resnet12 { width = 2, channels = 1 }, model.wide_resnet28_10 { widen = 1, blocks = 1, channels = 6 },
  } do
    local channels = tonumber(tostring(network):match "channels = (%d)")
    spec.equal(network:realise("network")(mb.rand(2, channels, 32, 32)).shape[1], 2)
  end
  spec.fails("resnet18: channels must be a positive integer, got 0", function() return model.resnet18 { channels = 0 } end)
end)

test("a vision transformer drops values and weights of attention while it is trained", function()
  for _, name in ipairs { "drop", "attn_drop" } do
    local network = mb.model.vit_tiny({ image = 8, patch = 4, depth = 1, dim = 8, heads = 2, [name] = 0.5 }):realise("network")
    local images = mb.rand(2, 3, 8, 8)
    spec.holds(tostring(network):find(name .. " = 0.5", 1, true))
    spec.holds((network(images) - network(images)):abs():sum():item() > 0)
    network:eval()
    spec.equal(network(images), network(images))
  end
end)
