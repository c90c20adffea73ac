local mb = require "moonburn"
local spec = require "spec"
local test = spec.test
local nn = mb.nn

local function realised(module)
  return module:realise("model")
end

test("an error of any kind in a layer names the layer's path, however deep it lies", function()
  local net = realised(nn.sequential { nn.sequential { nn.conv2d(3, 4, 3) }, nn.relu() })
  local ints = mb.ones(2, 3, 8, 8):to("int32")
  spec.fails(": model.0.0: conv2d: wants a float32 tensor, got int32", function() net(ints) end)
  spec.fails(": model.0.0: conv2d: wants [N, 3, H, W], got shape [2, 4, 8, 8]", function() net(mb.ones(2, 4, 8, 8)) end)
end)

test("a sequence that gets two inputs names itself", function()
  local net = realised(nn.sequential { nn.relu() })
  spec.fails(": model: sequential: input must be one tensor, got 2 tensors", function() net(mb.ones(1), mb.ones(1)) end)
end)

test("an error in a module that Lua composes comes with place, path and operation, once", function()
  local inner = nn.module { body = nn.linear(2, 2), forward = function(self, x)
    return self.body(x) + mb.ones(3) -- line 24
  end }
  local net = realised(nn.sequential { inner })
  spec.fails("module_errors.lua:24: model.0: add: shapes differ: [1, 2] and [3]", function() net(mb.ones(1, 2)) end)
  local _, raised = pcall(function() net(mb.ones(1, 5)) end)
  spec.holds(tostring(raised):find("module_errors.lua:24: model.0.body: linear: wants [..., 2]", 1, true) ~= nil, tostring(raised))
  spec.equal(select(2, tostring(raised):gsub("model", "")), 1)
end)

test("Lua's own error in a forward pass names the module", function()
  local net = realised(nn.sequential { nn.module { forward = function(_, x)
    return x.missing.part -- line 34
  end } })
  spec.fails("module_errors.lua:34: model.0: Tensor: unknown name 'missing'", function() net(mb.ones(1)) end)
  local other = realised(nn.module { forward = function()
    local nothing
    return nothing.part -- line 39
  end })
  spec.fails("module_errors.lua:39: model: attempt to index a nil value (local 'nothing')", function() other(mb.ones(1)) end)
end)

test("a value that a forward pass must not return names the module", function()
  local net = realised(nn.module { forward = function() return 3 end })
  spec.fails(": model: forward: the returned value must be a tensor, got 3", function() net(mb.ones(1)) end)
end)

test("weights that do not fit, or are not there, name the module", function()
  local net = realised(nn.linear(2, 2))
  spec.fails(": model: load: no/such.safetensors: ", function() net:load("no/such.safetensors") end)
end)

test("too little memory in a layer is an error with its path that can be caught", function()
  local net = realised(nn.sequential { nn.linear(4, 4), nn.linear(4, 4) })
  local input = mb.ones(4096, 4)
  mb.set_memory_budget(mb.memory().live + 200000)
  local ok, raised = pcall(function()
    local kept = {}
    for i = 1, 100 do kept[i] = net(input) end
  end)
  spec.equal(ok, false)
  spec.holds(tostring(raised):find(": model%.[01]: ") ~= nil, tostring(raised))
end)
