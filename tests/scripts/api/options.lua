-- What a declared option takes: ranges, heights and widths, spans. The messages come from the declaration.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

test("a side is a number, or a height and a width", function()
  local tall = mb.nn.conv2d(1, 2, { kernel = { 3, 1 }, padding = { 1, 0 }, stride = { 2, 1 } }):realise("tall")
  spec.equal(tostring(tall):find("kernel = {3, 1}, stride = {2, 1}, padding = {1, 0}", 1, true) ~= nil, true)
  spec.equal(tall(mb.zeros(4, 1, 8, 5)).shape, { 4, 2, 4, 5 })
  spec.equal(mb.nn.max_pool2d { kernel = { 2, 1 } }(mb.zeros(1, 1, 8, 5)).shape, { 1, 1, 4, 5 })
  local crop = mb.augment.random_resized_crop { size = { 6, 10 } }
  spec.equal(crop:apply(mb.zeros(2, 3, 16, 16)).shape, { 2, 3, 6, 10 })
end)

test("a side that is none is an error with what it should be", function()
  local function conv(options) return function() return mb.nn.conv2d(1, 2, options) end end
  spec.fails("conv2d: kernel must be at least 1 pixel, got 0", conv { kernel = 0 })
  spec.fails("conv2d: kernel must be at least 1 pixel, got {3, 0}", conv { kernel = { 3, 0 } })
  spec.fails("conv2d: padding must be an integer of at least 0, got -1", conv { padding = -1 })
  spec.fails("conv2d: padding[2] must be an integer of at least 0, got -1", conv { padding = { 0, -1 } })
  spec.fails("conv2d: dilation must be at least 1 pixel, got {1, 0}", conv { dilation = { 1, 0 } })
  spec.fails("conv2d: stride must be a number, or { height, width }, got 3 numbers", conv { stride = { 1, 2, 3 } })
  spec.fails("conv2d: kernel must be an integer of at least 0, got the string 'three'", conv { kernel = "three" })
  spec.fails("conv2d: kernel must be an integer of at least 0, got 2.5", conv { kernel = 2.5 })
end)

test("a number outside of its range is an error with the range, a NaN always", function()
  spec.fails("gaussian_blur: p must be from 0 to 1, got NaN", function() return mb.augment.gaussian_blur { p = 0 / 0 } end)
  spec.fails("few_shot: tasks must be from 1 to 65535, got 65536", function()
    return mb.episode.few_shot(mb.data.images("shapes", { count = 20 }), { tasks = 65536 })
  end)
  spec.fails("images: size must be from 1 to 4096 pixels, got 5000", function() return mb.data.images("shapes", { size = 5000 }) end)
  spec.fails("nt_xent: views must be at least 2, got 1", function() return mb.loss.nt_xent(mb.ones(4, 2), { views = 1 }) end)
end)

test("a table that is put together takes the options of its parts, and suggests them", function()
  spec.fails("svm_dual: unknown option 'tolerence'; did you mean 'tolerance'?", function()
    return mb.linalg.svm_dual(mb.eye(2), mb.tensor { 1, 2 }, { ways = 2, tolerence = 1 })
  end)
  spec.fails("svm_dual: ways must be given, got nothing", function() return mb.linalg.svm_dual(mb.eye(2), mb.tensor { 1, 2 }, { c = 1 }) end)
  spec.fails("svm_dual: c must be a number over 0, got -1", function()
    return mb.linalg.svm_dual(mb.eye(2), mb.tensor { 1, 2 }, { ways = 2, c = -1 })
  end)
end)
