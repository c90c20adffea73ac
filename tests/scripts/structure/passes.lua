-- Forward passes that are looked into: features, hooks, summaries.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local function encoder()
  return mb.model.resnet18({ stem = "cifar", width = 4 }):realise("encoder")
end

test("features are what parts give in the same pass, with gradients", function()
  local model, x = encoder(), mb.randn(3, 3, 16, 16)
  local before = model:state()
  local found, output = model:features(x, { "layer3", "layer4.1", "bn1", "layer1.0.bn2" })
  model = encoder()
  spec.equal(output, model(x))
  model = encoder()
  local stem = model.bn1(model.conv1(x))
  spec.equal(found.bn1, stem)
  spec.holds(found.bn1:min():item() < 0, "the norm by itself, without the ReLU behind it")
  spec.equal(found.layer3.shape, { 3, 16, 4, 4 })
  spec.near(output, found["layer4.1"]:mean(3):mean(3), 1e-5)
  spec.holds(before["bn1.running_mean"]:sub(model:state()["bn1.running_mean"]):abs():sum():item() > 0)
end)

test("a feature can be differentiated, and only what it needs gets a gradient", function()
  local model, x = encoder(), mb.randn(3, 3, 16, 16)
  local found = model:features(x, { "layer2" })
  local gradients = mb.grad(found.layer2:sum(), { model.conv1.weight })
  spec.equal(gradients[1].shape, { 4, 3, 3, 3 })
end)

test("an unknown path names near ones, and a part that is not called says so", function()
  local model, x = encoder(), mb.randn(2, 3, 16, 16)
  spec.fails("encoder: features: unknown part 'layr3'; did you mean 'layer3'?", function() model:features(x, { "layr3" }) end)
  spec.fails("encoder: hook: unknown part 'layer4.2'; did you mean 'layer4.", function() model:hook(print, "layer4.2") end)
  local idle = mb.nn.module { used = mb.nn.relu(), idle = mb.nn.relu(), forward = function(self, y) return self.used(y) end }
  idle:realise("idle")
  spec.fails("idle: features: the forward pass does not call 'idle'", function() idle:features(x, { "idle" }) end)
  spec.equal(idle:features(x, { "used" }).used, x:relu())
end)

test("several inputs and several outputs", function()
  local sum = mb.nn.module { relu = mb.nn.relu(), forward = function(self, a, b) return self.relu(a + b), a end }
  sum:realise("sum")
  local found, first, second = sum:features({ mb.ones(2), mb.ones(2) }, { "relu" })
  spec.equal(found.relu, { 2, 2 })
  spec.equal(first, { 2, 2 })
  spec.equal(second, { 1, 1 })
end)

test("a hook sees part, inputs and output, may give another output, and goes when it is removed", function()
  local model = mb.nn.sequential { mb.nn.linear(2, 2), mb.nn.relu() }:realise("model")
  local x, calls = mb.randn(3, 2), {}
  local plain = model(x)
  local hook = model:hook(function(part, inputs, output)
    calls[#calls + 1] = tostring(part)
    spec.equal(#inputs, 1)
    spec.equal(output, inputs[1]:relu())
    return output * 3
  end, "1")
  spec.near(model(x), 3 * plain)
  spec.equal(calls, { "relu()" })
  hook:remove()
  spec.equal(model(x), plain)
  hook:remove()
  local whole = model:hook(function(part, _, output) return output + 1 end)
  spec.near(model(x), plain + 1)
  spec.equal(model:copy()(x), plain)
  whole:remove()
  model:hook(function() return 3 end)
  spec.fails("model: hook: the returned value must be a tensor, got 3", function() model(x) end)
end)

test("an error in a hook names the script's line", function()
  local model = mb.nn.sequential { mb.nn.relu() }:realise("model")
  model:hook(function(_, inputs) return inputs[1] + mb.ones(7) end, "0") -- line 76
  spec.fails("passes.lua:76: model.0: add: shapes differ: [2] and [7]", function() model(mb.ones(2)) end)
end)

test("a summary tells the parts of a module written in Lua, also with several inputs", function()
  local model = mb.nn.module {
    blocks = { mb.nn.linear(4, 8), mb.nn.linear(8, 2) },
    scale = mb.nn.parameter { 2 },
    forward = function(self, x, y)
      for _, block in ipairs(self.blocks) do x = block(x) end
      return self.scale * x, y
    end,
  }
  local text = model:summary { { 3, 4 }, mb.range(1, 5) }
  spec.equal(text, [[
part      kind    output      parameters
────────────────────────────────────────
(all)     module  [3, 2] [5]           2
blocks    list    -                    -
blocks.0  linear  [3, 8]              40
blocks.1  linear  [3, 2]              18
────────────────────────────────────────
parameters  60 (240 B)
trainable   60, frozen 0
buffers     0 (0 B)]])
  spec.fails("has no parameters yet", function() model(mb.ones(3, 4), mb.ones(5)) end)
end)

test("a summary changes no buffer, no mode and no draw, and fits a terminal", function()
  local model = mb.nn.module {
    encoder = mb.model.resnet18 { stem = "cifar", width = 4 },
    count = mb.nn.buffer { 1 },
    forward = function(self, x)
      self.count = self.count + 1
      return self.encoder(x + 0 * mb.randn(1))
    end,
  }:realise("model")
  local before, drawn = model:state(), mb.randn(3)
  local text = model:summary { 2, 3, 16, 16 }
  local after = model:state()
  for path, value in pairs(before) do spec.equal(after[path], value) end
  spec.holds(model.training and model.encoder.bn1.training)
  for line in text:gmatch "[^\n]+" do spec.holds(utf8.len(line) <= 80, line) end
  spec.holds(text:find "encoder.layer4.1.bn2 +batch_norm +%[2, 32, 2, 2%] +64\n")
  spec.holds(#model:summary({ 2, 3, 16, 16 }, { depth = 1 }) < #text)
  spec.holds((mb.randn(3) - drawn):abs():sum():item() > 0)
  spec.fails("model.encoder.conv1: conv2d: wants [N, 3, H, W], got shape [2, 1, 8, 8]", function() model:summary { 2, 1, 8, 8 } end)
  spec.fails("summary: inputs must be a list of sizes or a tensor, got 3", function() model:summary(3) end)
  spec.equal(model:state().count, before.count)
end)
