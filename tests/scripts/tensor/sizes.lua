-- Sizes that no tensor or network has: an error with the values, never a number that wrapped.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local HUGE = { 1 << 31, 1 << 40, 1 << 61, 1 << 62, (1 << 62) + 3, math.maxinteger, math.maxinteger - 1 }

local function refuses(name, body)
  spec.test(name .. " of a huge size is an error", function()
    for _, size in ipairs(HUGE) do
      local ok, raised = pcall(body, size)
      spec.holds(not ok, ("%s took %d"):format(name, size))
      local text = tostring(raised)
      spec.holds(not text:find("internal error", 1, true), text)
      spec.holds(not text:find("panicked", 1, true), text)
    end
  end)
end

local function images() return mb.ones(1, 1, 4, 4) end

for _, option in ipairs { "kernel", "stride", "padding", "groups" } do
  refuses("conv2d's " .. option, function(size)
    local conv = mb.nn.conv2d(1, 1, { kernel = 3, padding = 1, [option] = size }):realise("conv")
    return conv(images())
  end)
end
for _, kind in ipairs { "max_pool2d", "avg_pool2d" } do
  for _, option in ipairs { "kernel", "stride", "padding" } do
    refuses(kind .. "'s " .. option, function(size)
      return mb.nn[kind] { kernel = 2, [option] = size }(images())
    end)
  end
end
for _, name in ipairs { "resnet18", "resnet34", "resnet50" } do
  refuses(name .. "'s width", function(width) return mb.model[name] { width = width } end)
end
refuses("conv2d's inputs", function(size) return mb.nn.conv2d(size, 1) end)
refuses("conv2d's outputs", function(size) return mb.nn.conv2d(1, size) end)
refuses("linear's inputs", function(size) return mb.nn.linear(size, 1) end)
refuses("linear's outputs", function(size) return mb.nn.linear(2, size) end)
refuses("batch_norm", function(size) return mb.nn.batch_norm(size) end)
refuses("projector", function(size) return mb.nn.projector { 2, size } end)
refuses("a parameter", function(size)
  return mb.nn.module { p = mb.nn.parameter({ size, 4 }), forward = function(self) return self.p end }:realise("m")
end)
refuses("zeros", function(size) return mb.zeros(size) end)
refuses("zeros of two dims", function(size) return mb.zeros(size, 4) end)
refuses("full", function(size) return mb.full({ 2, size }, 1) end)
refuses("randn", function(size) return mb.randn(size, size) end)
refuses("rand", function(size) return mb.rand(size) end)
refuses("randperm", function(size) return mb.randperm(size) end)
refuses("eye", function(size) return mb.eye(size) end)
refuses("arange", function(size) return mb.arange(0, size) end)
refuses("one_hot", function(size) return mb.tensor({ 1, 2 }):one_hot(size) end)
refuses("expand", function(size) return mb.ones(1, 2):expand(size, 2) end)
refuses("reshape", function(size) return mb.ones(4):reshape(size, 4) end)
refuses("reshape with a size to work out", function(size) return mb.ones(4):reshape(size, -1) end)
refuses("slice", function(size) return mb.ones(4):slice(1, 1, size) end)
refuses("topk", function(size) return mb.ones(4):topk(size) end)
refuses("kthvalue", function(size) return mb.ones(4):kthvalue(size) end)
refuses("bincount", function(size) return mb.tensor({ 1, 2 }):bincount(size) end)
refuses("histc", function(size) return mb.ones(4):histc(size) end)
refuses("nt_xent's views", function(size) return mb.loss.nt_xent(mb.ones(4, 2), { views = size }) end)

test("a huge padding is told with its limit", function()
  local conv = mb.nn.conv2d(1, 1, { kernel = 3, padding = 1 << 62 }):realise("c")
  spec.fails("conv2d: padding must be at most 1073741821, for an image of 4, got 4611686018427387904", function()
    return conv(images())
  end)
  spec.fails("resnet18: width · 8 · expansion must be at most 2147483647, got 2305843009213693952 · 8 · 1", function()
    return mb.model.resnet18 { width = 1 << 61 }
  end)
end)

test("sizes below 0 are errors", function()
  for _, body in ipairs {
    function(size) return mb.zeros(size) end,
    function(size) return mb.eye(size) end,
    function(size) return mb.randperm(size) end,
    function(size) return mb.ones(1):expand(size, 1) end,
  } do
    for _, size in ipairs { -1, -7, math.mininteger } do spec.holds(not pcall(body, size)) end
  end
end)

test("sizes of 0 and below of what has to have something are errors", function()
  for _, body in ipairs {
    function(size) return mb.nn.linear(size, 1) end,
    function(size) return mb.nn.conv2d(1, 1, { kernel = size }) end,
    function(size) return mb.nn.conv2d(1, 1, { stride = size }) end,
    function(size) return mb.nn.conv2d(1, 1, { groups = size }) end,
    function(size) return mb.nn.max_pool2d { kernel = size } end,
    function(size) return mb.model.resnet18 { width = size } end,
    function(size) return mb.tensor({ 1 }):one_hot(size) end,
    function(size) return mb.ones(2):kthvalue(size) end,
  } do
    for _, size in ipairs { 0, -1, -7, math.mininteger } do spec.holds(not pcall(body, size)) end
  end
  spec.holds(not pcall(mb.nn.conv2d, 1, 1, { padding = -1 }))
  spec.holds(not pcall(mb.arange, 5, 1))
  spec.holds(not pcall(mb.arange, -2147483648, 2147483647, -2147483648))
end)
