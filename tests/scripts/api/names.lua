local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

test("an unknown name gets a suggestion", function()
  spec.fails("moonburn: unknown function 'zeroes'; did you mean 'zeros'?", function() return mb.zeroes(2) end)
  spec.fails("moonburn.nn: unknown function 'liner'; did you mean 'linear'?", function() return mb.nn.liner(2) end)
  spec.fails("Tensor: unknown name 'foo'", function() return mb.ones(2).foo end)
end)

test("a name of PyTorch is answered with what is written here", function()
  local t = mb.ones(2)
  spec.fails("Tensor: unknown name 'numpy'; write t:to_table()", function() return t:numpy() end)
  spec.fails("Tensor: unknown name 'ndim'; write t:dim()", function() return t.ndim end)
  spec.fails("Tensor: unknown name 'register_hook'; write t:hook(function(g) … end)", function() t:register_hook(print) end)
  spec.fails("Tensor: unknown name 'add_'; only t[i] = v changes a tensor: write t = t:add(…)", function() t:add_(1) end)
  spec.fails("moonburn: unknown function 'exp'; it is a method of tensors, t:exp(…)", function() return mb.exp(t) end)
  spec.fails("moonburn.nn: unknown function 'Dropout'; write mb.nn.dropout(p)", function() return mb.nn.Dropout(0.5) end)
  spec.fails("moonburn.optim: unknown function 'Adam'; write mb.optim.adam { lr = … }", function() return mb.optim.Adam {} end)
  spec.fails("Module: unknown name 'state_dict'; write module:state()", function() return mb.nn.relu():state_dict() end)
end)

test("what stands for any name is never suggested", function()
  for _, object in ipairs { mb.nn.relu(), mb.ones(2) } do
    for _, name in ipairs { "sin", "string", "[string]", "[integer", "strin", "integer" } do
      local _, raised = pcall(function() return object[name] end)
      spec.holds(not tostring(raised):match("did you mean '%["), raised)
    end
  end
end)

test("a method without its colon, and a function with one, say so", function()
  local t = mb.ones(2)
  spec.fails("sum: self must be a Tensor (write tensor:sum(…), with a colon), got 1", function() return t.sum(1) end)
  spec.fails("item: self must be a Tensor (write tensor:item(…), with a colon), got nothing", function() return t.item() end)
  spec.fails("forward: self must be a Module (write module:forward(…), with a colon), got a Tensor", function() return mb.nn.relu().forward(t) end)
  spec.fails("zeros: the call must be mb.zeros(…), with a dot, got a colon", function() return mb:zeros(2) end)
  spec.fails("linear: the call must be mb.nn.linear(…), with a dot, got a colon", function() return mb.nn:linear(2, 2) end)
  spec.equal(t.sum(t):item(), 2)
end)

test("several arguments where one list is meant say so", function()
  spec.fails("cat: tensors must be a list in braces, { … }, got a Tensor", function() return mb.cat(mb.ones(2), mb.ones(2)) end)
end)

test("an article fits its word", function()
  local augment = mb.augment.solarize()
  spec.fails("apply: images must be a tensor, got an Augmentation", function() return augment:apply(augment) end)
  spec.fails("matmul: other must be a tensor, got 2.0", function() return mb.ones(2, 2):matmul(2.0) end)
end)

test("the module is read-only, known names included", function()
  spec.fails("assignment: moonburn is read-only", function() mb.foo = 3 end)
  spec.fails("assignment: moonburn is read-only", function() mb.zeros = 3 end)
  spec.fails("assignment: moonburn.nn is read-only", function() mb.nn.linear = 3 end)
  spec.equal(getmetatable(mb), false)
end)

test("pairs lists what the module has", function()
  local found = {}
  for name in pairs(mb) do found[name] = true end
  spec.holds(found.zeros and found.nn)
end)
