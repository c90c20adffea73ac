-- Functions and kernels in a chain: anywhere, keyed, and what is wrong with them is told.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local a = mb.augment

local function dim(images, draw) return images * draw:uniform(0.2, 1, 1, 1, 1) end

test("a function stands first, last and between transforms, with numbers of its own each time", function()
  local images = mb.rand(6, 3, 9, 7)
  local chain = a.chain { dim, a.random_resized_crop { size = 5 }, dim, a.horizontal_flip(), dim }
  local made = chain:apply(images, 3)
  spec.equal(made.shape, { 6, 3, 5, 5 })
  spec.equal(made, chain:apply(images, 3))
  spec.holds((made - chain:apply(images, 4)):abs():max():item() > 0.01)
  local whites = mb.ones(6, 1, 1, 1)
  local one, two = a.chain { dim }:apply(whites, 3), a.chain { dim, dim }:apply(whites, 3)
  spec.holds((two / one - one):abs():max():item() > 0.01, "the second draws other numbers than the first")
end)

test("a row's views do not depend on the other rows of the batch", function()
  local images = mb.rand(7, 3, 8, 8)
  local noisy = function(batch, draw) return batch + draw:normal(0, 1, 3, 8, 8) * draw:chance(0.5, 1, 1, 1):cast("float32") end
  local chain = a.chain { a.random_resized_crop { size = 8 }, noisy, a.random_apply(dim, { p = 0.5 }), a.rotate { degrees = 20 } }
  local whole = chain:apply(images, 9)
  for count = 1, 7 do
    spec.equal(chain:apply(images:slice(1, 1, count), 9), whole:slice(1, 1, count))
  end
end)

test("transforms before a function make what they make alone", function()
  local images = mb.rand(5, 3, 8, 8)
  local crop = a.random_resized_crop { size = 6 }
  spec.equal(a.chain { crop, function(made) return made end }:apply(images, 2), crop:apply(images, 2))
end)

test("a function that is applied sometimes gets the images that it is applied to", function()
  local seen = 0
  local function count(images, draw)
    spec.equal(#images, #draw)
    seen = seen + #images
    return images * 0
  end
  local made = a.random_apply(count, { p = 0.5 }):apply(mb.ones(100, 1, 1, 1), 1)
  spec.holds(seen > 30 and seen < 70, seen)
  spec.near(made:sum(), 100 - seen)
  seen = 0
  a.random_apply(count, { p = 0 }):apply(mb.ones(10, 1, 1, 1), 1)
  spec.equal(seen, 0)
end)

test("a choice among functions and transforms takes each about as often as it is weighted", function()
  local choice = a.random_choice({
    function(images) return images * 0 + 0.25 end,
    a.invert { p = 1 },
    a.chain { a.vertical_flip(), function(images) return images * 0 + 0.75 end },
  }, { weights = { 1, 2, 1 } })
  local made = choice:apply(mb.ones(400, 1, 1, 1), 5):flatten()
  for value, share in pairs { [0.25] = 0.25, [0.0] = 0.5, [0.75] = 0.25 } do
    spec.near(made:eq(value):cast("float32"):mean(), share, 0.07)
  end
end)

test("images of any number of channels and levels of bytes go through a chain", function()
  for _, channels in ipairs { 1, 2, 3, 5 } do
    local made = a.chain { a.pad_crop { size = 8, padding = 2 }, a.gaussian_blur(), dim }:apply(mb.rand(2, channels, 8, 8))
    spec.equal(made.shape, { 2, channels, 8, 8 })
  end
  local levels = mb.tensor { 0, 128, 255, 51 }:reshape(1, 1, 2, 2)
  spec.near(a.invert { p = 1 }:apply(levels), 1 - levels:cast("float32") / 255)
  spec.fails("apply: images must be levels from 0 to 255, where they are whole numbers, got 256", function() return a.chain {}:apply(mb.tensor { 256 }:reshape(1, 1, 1, 1)) end)
end)

test("a kernel stands in a chain, given what it takes", function()
  local images = mb.rand(4, 3, 12, 12)
  local ripple = mb.kernel("ripple.wgsl")
  local bent = a.kernel(ripple, { draws = 5, inputs = { strength = 0.06, hole = 0.3 } })
  local chain = a.chain { a.horizontal_flip(), bent, a.random_resized_crop { size = 6 } }
  spec.equal(chain:apply(images, 1), chain:apply(images, 1))
  spec.equal(chain:apply(images, 1).shape, { 4, 3, 6, 6 })
  spec.fails("it reads 'draws': say how many numbers it takes for each image, draws = N", function() return a.chain { ripple } end)
  spec.fails("as an augmentation it must be given 'strength', among inputs", function() return a.kernel(ripple, { draws = 5 }) end)
  spec.fails("an augmentation reads 'images', and this one x", function() return a.chain { mb.kernel("swish.wgsl") } end)
end)

test("chains print themselves, functions with their line", function()
  local text = tostring(a.chain { a.resize { size = { 4, 6 } }, dim, a.random_apply(a.invert { p = 1 }, { p = 0.25 }) })
  spec.equal(text, "chain {\n  resize { size = { 4, 6 }, interpolation = \"bilinear\", antialias = true },\n" ..
    "  function at tests/scripts/augment/functions.lua:8,\n  random_apply(invert { p = 1 }, { p = 0.25 }),\n}")
  local choice = a.random_choice({ a.chain { a.invert(), a.grayscale() }, a.equalize() }, { weights = { 1, 3 } })
  spec.equal(tostring(choice), "random_choice({\n  chain {\n    invert { p = 0.5 },\n    grayscale { p = 0.1 },\n  },\n" ..
    "  equalize { p = 0.5 },\n}, { weights = { 1, 3 } })")
end)

test("what a function returns must be images, one for each view", function()
  local images = mb.rand(3, 3, 4, 4)
  local function made(f) return function() return a.chain { f }:apply(images) end end
  spec.fails("must return float images [3, C, H, W], got shape [3, 3]", made(function(x) return x:mean { 3, 4 } end))
  spec.fails("must return float images [3, C, H, W], got shape [2, 3, 4, 4]", made(function(x) return x:slice(1, 1, 2) end))
  spec.fails("must return float images [3, C, H, W], got bool [3, 3, 4, 4]", made(function(x) return x:gt(0.5) end))
  spec.fails("must be a tensor, got nothing", made(function() end))
  spec.fails("add: shapes differ", made(function(x) return x + mb.ones(2, 2, 2, 2) end))
  spec.fails("augmentation 1 must be an augmentation, a kernel or a function(images, draw), got 5", function() return a.chain(5) end)
  spec.fails("augmentations[2] must be an augmentation", function() return a.chain { a.invert(), "flip" } end)
  spec.fails("there is no gradient by an augmentation: detach the images", function() return a.invert():apply(mb.rand(1, 3, 2, 2):requires_grad()) end)
end)

test("what stands in a way behind normalised values is neither clamped nor let through", function()
  local normalize, function_ = a.normalize { mean = 0.5, std = 0.25 }, function(images) return images end
  local blurred = a.chain { normalize, a.random_apply({ function_, a.gaussian_blur { p = 1 } }, { p = 1 }) }
  spec.near(blurred:apply(mb.zeros(2, 3, 6, 6)), mb.full({ 2, 3, 6, 6 }, -2), 1e-4)
  spec.fails("needs values in 0 to 1", function() return a.chain { normalize, a.random_apply { function_, a.invert() } } end)
  spec.fails("needs values in 0 to 1", function() return a.chain { a.random_apply { normalize, function_ }, a.invert() } end)
end)

test("augmentations within one another have an end", function()
  local nested = a.invert()
  spec.fails("random_apply: augmentations must be put into one another at most 64 times", function()
    for _ = 1, 100 do nested = a.random_apply(nested) end
  end)
  local doubled = a.invert()
  spec.fails("random_choice: the number of augmentations must be at most 10000, got more", function()
    for _ = 1, 40 do doubled = a.random_choice { doubled, doubled } end
  end)
  local mixed = a.chain { function(images) return images end }
  spec.fails("put into one another at most 64 times", function()
    for _ = 1, 100 do mixed = a.random_apply(mixed) end
  end)
end)

test("what a chain is made of is shown in full", function()
  local same = function(images) return images end
  spec.holds(tostring(a.random_apply(same, { p = 0.1 })):find("{ p = 0.1 }", 1, true))
  spec.holds(tostring(a.random_choice({ same, same }, { weights = { 1, 3 } })):find("{ weights = { 1, 3 } }", 1, true))
  local bent = a.kernel(mb.kernel("ripple.wgsl"), { draws = 5, inputs = { hole = 0.3, strength = 0.5 } })
  spec.equal(tostring(bent), "kernel shaders/ripple.wgsl (draws = 5, hole = 0.3, strength = 0.5)")
  spec.fails("unknown input 'strenght'; did you mean 'strength'?", function() return a.kernel(mb.kernel("ripple.wgsl"), { draws = 5, inputs = { strenght = 1 } }) end)
end)

test("not a number stays one, where nothing is clamped", function()
  local broken = mb.full({ 1, 1, 4, 4 }, 0 / 0)
  spec.holds(a.chain { a.normalize { mean = 0, std = 1 }, a.gaussian_blur { p = 1 } }:apply(broken):isnan():all():item())
  spec.holds(a.noise { clip = false }:apply(broken):isnan():all():item())
end)

test("float16 and float64 images are as float32 ones", function()
  local images = mb.rand(2, 3, 6, 6)
  for _, dtype in ipairs { "float16", "float64" } do
    spec.near(a.invert { p = 1 }:apply(images:cast(dtype)), 1 - images, 1e-3)
  end
end)
