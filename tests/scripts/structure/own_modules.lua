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
