-- Modules composed in Lua: lists, dictionaries, buffers, methods, and that all of it is copied, saved and called by path.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local function network()
  return mb.nn.module {
    blocks = { mb.nn.linear(2, 3), mb.nn.linear(3, 2) },
    heads = { short = mb.nn.linear(2, 1), deep = { mb.nn.linear(2, 4), mb.nn.relu() } },
    scale = mb.nn.parameter(mb.tensor { 1.0, 2.0 }),
    center = mb.nn.buffer { 2 },
    count = mb.nn.buffer(mb.tensor { 0 }),
    encode = function(self, x)
      for _, block in ipairs(self.blocks) do x = block(x) end
      return self.scale * x
    end,
    forward = function(self, x)
      local z = self:encode(x)
      if self.training then
        self.center = 0.5 * self.center + 0.5 * z:mean(1)
        self.count = self.count + 1
      end
      return self.heads.short(z - self.center)
    end,
  }
end

test("lists and tables of modules are parts with PyTorch's names", function()
  local model = network()
  local paths = {}
  for path in model:named_modules() do paths[#paths + 1] = path end
  spec.equal(paths, { "", "blocks", "blocks.0", "blocks.1", "heads", "heads.deep", "heads.deep.0", "heads.deep.1", "heads.short" })
  model:realise("model")
  paths = {}
  for path in model:named_parameters() do paths[#paths + 1] = path end
  spec.equal(paths, {
    "scale", "blocks.0.weight", "blocks.0.bias", "blocks.1.weight", "blocks.1.bias",
    "heads.deep.0.weight", "heads.deep.0.bias", "heads.short.weight", "heads.short.bias",
  })
  spec.equal(model:parameters()["blocks.1.bias"].shape, { 2 })
end)

test("a list is indexed from 1, counted and gone through, and so is a table by name", function()
  local model = network():realise("model")
  spec.equal(#model.blocks, 2)
  spec.equal(model.blocks[2].weight, model:parameters()["blocks.1.weight"])
  spec.equal(model.blocks[-1].bias, model.blocks[2].bias)
  local found = {}
  for position, block in pairs(model.blocks) do found[#found + 1] = position .. tostring(block) end
  spec.equal(found, { "1linear(2, 3)", "2linear(3, 2)" })
  found = {}
  for name, head in pairs(model.heads) do found[#found + 1] = name .. " " .. tostring(head) end
  spec.equal(found, { "deep list(linear(2, 4), relu())", "short linear(2, 1)" })
  found = {}
  for position in ipairs(mb.nn.sequential { mb.nn.relu(), mb.nn.flatten() }) do found[#found + 1] = position end
  spec.equal(found, { 1, 2 })
  spec.fails("index: position 3 is out of range: 1 to 2, or -1 to -2", function() return model.blocks[3] end)
  spec.fails("linear: a key must be a name: it has no parts, got 1", function() return model.blocks[1][1] end)
  spec.fails("model.blocks: forward: a list of modules computes nothing itself; call its parts", function() model.blocks(mb.ones(1, 2)) end)
end)

test("every function is a method that runs as forward does", function()
  local model = network():realise("model")
  local x = mb.randn(4, 2)
  spec.near(model:encode(x), model.scale * model.blocks[2](model.blocks[1](x)))
  spec.fails("model.blocks.0: linear: wants [..., 2], got shape [1, 7]", function() model:encode(mb.ones(1, 7)) end)
  spec.fails("encode: self must be a module (write module:encode(…), with a colon), got a Tensor", function() model.encode(x) end)
  local gradients = mb.grad(model:encode(x):sum(), { model.scale })
  spec.equal(gradients[1].shape, { 2 })
  local several = mb.nn.module { both = function(_, a, b) return b, a, "text" end, forward = function(_, y) return y end }
  spec.equal({ several:realise("several"):both(1, 2) }, { 2, 1, "text" })
end)

test("a buffer is set by assignment, without a tape, and keeps its shape and its dtype", function()
  local model = network():realise("model")
  local x = mb.randn(4, 2)
  model(x)
  spec.near(model.center, 0.5 * model:encode(x):mean(1):detach())
  spec.equal(model.count, { 1 })
  spec.equal(model.count.dtype, "int32")
  model:eval()(x)
  spec.equal(model.count, { 1 })
  spec.fails("depends on nothing that requires a gradient", function() mb.grad(model.center:sum(), {}) end)
  spec.fails("model.center: buffer: shapes differ: [2] and [3]", function() model.center = mb.ones(3) end)
  spec.fails("model.count: buffer: wants an int32 tensor, got float32", function() model.count = mb.ones(1) end)
  spec.fails("assignment: center must be a tensor, got 3", function() model.center = 3 end)
  spec.fails("a module's 'scale' is set by its optimizer", function() model.scale = mb.ones(2) end)
  spec.fails("read out of another one", function() model.center[1] = 5 end)
  spec.equal(mb.nn.batch_norm(2):realise("norm").running_var, { 1, 1 })
end)

test("copies, files and calls with other parameters have all of it", function()
  local model = network():realise("model")
  local x = mb.randn(4, 2)
  model(x)
  model.blocks[1]:freeze()
  local copy = model:copy()
  spec.equal(copy.center, model.center)
  spec.equal(copy:eval()(x), model:eval()(x))
  spec.equal(copy:encode(x), model:encode(x))
  spec.fails("depends on nothing that requires", function() mb.grad(copy.blocks[1](x):sum(), {}) end)
  local file = spec.folder() .. "model.safetensors"
  model:save(file)
  local other = network():realise("other"):eval()
  spec.equal(other:load(file), 11)
  spec.equal(other(x), model(x))
  spec.equal(other.count, { 1 })
  local zero = { ["heads.short.weight"] = mb.zeros(1, 2), ["heads.short.bias"] = mb.ones(1) }
  spec.equal(model:functional_call(zero, x), mb.ones(4, 1))
end)

test("what is no part of a module is refused by name", function()
  local function with(parts)
    parts.forward = function(_, x) return x end
    return function() return mb.nn.module(parts) end
  end
  spec.fails("module: scale must be a module, a parameter, a buffer, a table of modules or a function, got 3", with { scale = 3 })
  spec.fails("module: scale must be a parameter or a buffer: mb.nn.parameter(tensor) is trained", with { scale = mb.ones(2) })
  spec.fails("module: blocks[2] must be a module, got 3", with { blocks = { mb.nn.relu(), 3 } })
  spec.fails("module: blocks must be a list of modules without gaps, or a table of named ones, got the key the string 'a'", with { blocks = { mb.nn.relu(), a = mb.nn.relu() } })
  spec.fails("module: a name must be without dots and not empty, got 'a.b'", with { heads = { ["a.b"] = mb.nn.relu() } })
  spec.fails("module: a name must be other than a method's, got 'summary'", with { summary = function() end })
  spec.fails("module: a name must be other than a method's, got 'training'", with { training = mb.nn.relu() })
  spec.fails("parameter: sizes must be a list of sizes or a tensor, got 3", function() mb.nn.parameter(3) end)
  spec.fails("parameter: wants a float32 tensor, got int32", function() mb.nn.parameter(mb.range(1, 3)) end)
  spec.fails("parameter: a tensor says what it starts with", function() mb.nn.parameter(mb.ones(2), { std = 1 }) end)
  spec.equal(#with { blocks = {} }().blocks, 0)
end)

test("a name within a table of modules is none of a method's", function()
  spec.fails("a name must be other than a method's, got 'parts.state'", function()
    return mb.nn.module { parts = { state = mb.nn.linear(2, 2) }, forward = function(self, x) return self.parts.state(x) end }
  end)
end)

test("a module with values stands in one place, one without in any number", function()
  local shared, activation = mb.nn.linear(2, 2), mb.nn.relu()
  spec.fails("sequential: a linear must be in one place, and used from there as often as it is wanted, got the same at '0' and at '2'", function()
    return mb.nn.sequential { shared, activation, shared }
  end)
  local weight = mb.nn.parameter { 2 }
  spec.fails("module: a parameter must be in one place, and used from there as often as it is wanted, got the same at 'one' and at 'two'", function()
    return mb.nn.module { one = weight, two = weight, forward = function(self, x) return x * self.one * self.two end }
  end)
  spec.equal(#mb.nn.sequential { mb.nn.linear(2, 2), activation, mb.nn.linear(2, 2), activation }, 4)
end)

test("a copy has the modes of each part", function()
  local model = mb.nn.sequential { mb.nn.batch_norm(2), mb.nn.linear(2, 2) }:realise("model")
  model[1]:eval()
  local copy = model:copy()
  spec.equal({ copy.training, copy[1].training, copy[2].training }, { true, false, true })
end)

test("a layer whose weight is computed has the mode of what is around it", function()
  local norm = mb.nn.weight_norm(mb.nn.batch_norm(2)):realise("norm"):eval()
  norm(mb.tensor { { 1.0, 5.0 }, { 3.0, 9.0 } })
  spec.equal(norm:state().running_mean, mb.zeros(2))
  norm:train()(mb.tensor { { 1.0, 5.0 }, { 3.0, 9.0 } })
  spec.near(norm:state().running_mean, { 0.2, 0.7 })
end)

test("an average takes over counts, and leaves nothing half done", function()
  local function counting(name)
    return mb.nn.module {
      weight = mb.nn.parameter({ 2 }, { value = 1 }),
      mean = mb.nn.buffer { 2 },
      count = mb.nn.buffer(mb.tensor { 3 }),
      forward = function(self, x) return x * self.weight end,
    }:realise(name)
  end
  local online, average = counting "online", counting "average"
  online.mean, online.count = mb.tensor { 1.0, 2.0 }, mb.tensor { 7 }
  average:ema_update(online, 0.5, { buffers = true })
  spec.equal(average.count, mb.tensor { 7 })
  spec.near(average.mean, { 0.5, 1 })
end)

test("a state is taken from a table, and parts that do not fit change nothing", function()
  local one, other = mb.nn.linear(3, 2):realise("one"), mb.nn.linear(3, 2):realise("other")
  spec.equal(other:load(one:state()), 2)
  spec.equal(other.weight, one.weight)
  spec.equal(other:load({ ["encoder.bias"] = mb.ones(2) }, "encoder"), 1)
  spec.equal(other.bias, mb.ones(2))
  spec.fails("weight must be float32 [2, 3], got float32 [3]", function() other:load { weight = mb.ones(3) } end)
  spec.fails("load: none of its tensors belongs to this module, which wants weight, bias", function() other:load { wieght = mb.ones(2, 3) } end)
  spec.fails("source must be a file's path or a table of tensors by name, got 3", function() other:load(3) end)
end)

test("a summary calls no hook of the script's and leaves it in place", function()
  local model, calls = mb.nn.sequential { mb.nn.linear(2, 2), mb.nn.relu() }:realise("model"), 0
  model:hook(function() calls = calls + 1 end, "1")
  model:summary { 1, 2 }
  spec.equal(calls, 0)
  model(mb.ones(1, 2))
  spec.equal(calls, 1)
end)

test("a block wants one tensor", function()
  local encoder = mb.model.resnet18 { stem = "cifar", width = 2 }:realise("encoder")
  local x = mb.rand(2, 2, 4, 4)
  spec.fails("block: input must be one tensor, got 2 tensors", function() return encoder.layer1[1](x, x) end)
  spec.fails("block: input must be one tensor, got 0 tensors", function() return encoder.layer1[1]() end)
end)

test("a part is found by its path, even where its name is a method's", function()
  local network = mb.model.convnext_tiny { width = 4, depths = { 1, 1, 1, 1 } }
  for path, part in network:named_modules() do
    if path ~= "" then spec.equal(tostring(network:part(path)), tostring(part)) end
  end
  network:part("features.0"):freeze()
  spec.holds(network:part("features.0.0"):numel() > 0)
  spec.equal(#network:part "features", 8)
  spec.fails("part: unknown path 'feature'; did you mean 'features'?", function() return network:part "feature" end)
end)

test("loading says what was missing and what was not wanted", function()
  local other = mb.nn.linear(3, 2):realise "other"
  local count, missing, unexpected = other:load { bias = mb.ones(2), scale = mb.ones(2) }
  spec.equal(count, 1)
  spec.equal(missing, { "weight" })
  spec.equal(unexpected, { "scale" })
end)
