-- Views of the built-in images by one transform or chain, in groups of calls: prints "start", then "views|COUNT" after each
-- group. `augmentations.py` runs it on two threads, and times the lines: a script has no clock but the processor's.
local mb = require "moonburn"
local a = mb.augment

local THREADS, GROUPS = 2, 5

---@type moonburn.Script
local experiment = {
  options = {
    part    = "horizontal_flip",
    size    = 32,  -- of the images and of their views
    images  = 128, -- in a batch
    seconds = 1.0, -- of all groups, about
  },
}

local function crop(size, scale)
  return a.random_resized_crop { size = size, scale = scale, interpolation = "bicubic", antialias = true }
end

-- What SimCLR, BYOL and DINO do after their crop: `jitter` are its four strengths, `blur` and `solarize` probabilities.
local function colours(jitter, blur, solarize)
  local brightness, contrast, saturation, hue = table.unpack(jitter)
  local chain = {
    a.horizontal_flip(),
    a.color_jitter { brightness = brightness, contrast = contrast, saturation = saturation, hue = hue, p = 0.8 },
    a.grayscale { p = 0.2 },
  }
  if blur then chain[#chain + 1] = a.gaussian_blur { p = blur } end
  if solarize then chain[#chain + 1] = a.solarize { p = solarize } end
  return a.chain(chain)
end

local MILD = { 0.4, 0.4, 0.2, 0.1 }

local function normalize()
  return a.normalize { mean = { 0.485, 0.456, 0.406 }, std = { 0.229, 0.224, 0.225 } }
end

-- What is timed: a list of an augmentation and how many views it makes of each image, by turns.
local parts = {
  random_resized_crop = function(size) return { crop(size), 1 } end,
  pad_crop            = function(size) return { a.pad_crop { size = size, padding = 4 }, 1 } end,
  resize              = function(size) return { a.resize { size = size // 2 }, 1 } end,
  center_crop         = function(size) return { a.center_crop { size = size * 7 // 8 }, 1 } end,
  horizontal_flip     = function() return { a.horizontal_flip { p = 1 }, 1 } end,
  vertical_flip       = function() return { a.vertical_flip { p = 1 }, 1 } end,
  rotate              = function() return { a.rotate { degrees = 15, interpolation = "bilinear" }, 1 } end,
  affine              = function()
    return {
      a.affine { degrees = 15, translate = { 0.1, 0.1 }, scale = { 0.8, 1.2 }, shear = 10, interpolation = "bilinear" }, 1,
    }
  end,
  perspective         = function() return { a.perspective { p = 1 }, 1 } end,
  erasing             = function() return { a.erasing { p = 1 }, 1 } end,
  normalize           = function() return { normalize(), 1 } end,
  color_jitter        = function()
    return { a.color_jitter { brightness = 0.4, contrast = 0.4, saturation = 0.4, hue = 0.1 }, 1 }
  end,
  grayscale           = function() return { a.grayscale { p = 1 }, 1 } end,
  gaussian_blur       = function() return { a.gaussian_blur { p = 1 }, 1 } end,
  solarize            = function() return { a.solarize { p = 1 }, 1 } end,
  posterize           = function() return { a.posterize { bits = 4, p = 1 }, 1 } end,
  equalize            = function() return { a.equalize { p = 1 }, 1 } end,
  autocontrast        = function() return { a.autocontrast { p = 1 }, 1 } end,
  sharpness           = function() return { a.sharpness { factor = 1.9, p = 1 }, 1 } end,
  invert              = function() return { a.invert { p = 1 }, 1 } end,
  noise               = function() return { a.noise(), 1 } end,
  rand_augment        = function() return { a.rand_augment(), 1 } end,
  trivial_augment     = function() return { a.trivial_augment(), 1 } end,
  simclr              = function(size)
    return { a.chain { crop(size), colours({ 0.8, 0.8, 0.8, 0.2 }, size > 32 and 0.5 or nil) }, 1 }
  end,
  byol                = function(size)
    return { a.chain { crop(size), colours(MILD, 1) }, 1, a.chain { crop(size), colours(MILD, 0.1, 0.2) }, 1 }
  end,
  dino                = function(size)
    local small, large = ({ [32] = 16, [96] = 48, [224] = 96 })[size] or size // 2, { 0.4, 1 }
    return {
      a.chain { crop(size, large), colours(MILD, 1) }, 1,
      a.chain { crop(size, large), colours(MILD, 0.1, 0.2) }, 1,
      a.chain { crop(small, { 0.05, 0.4 }), colours(MILD, 0.5) }, 6,
    }
  end,
  rand_augment_chain  = function(size)
    local erase = a.erasing { p = 0.25, value = "random" }
    return { a.chain { crop(size), a.horizontal_flip(), a.rand_augment(), normalize(), erase }, 1 }
  end,
  cifar               = function(size)
    return { a.chain { a.pad_crop { size = size, padding = 4 }, a.horizontal_flip(), normalize() }, 1 }
  end,
}

function experiment.setup(session, o)
  session:plan(1)
  session.images = mb.data.images("shapes", { size = o.size, count = 4 * o.images })
end

function experiment.train(session, o)
  local made = assert(parts[o.part], "no such part: " .. o.part)(o.size)
  local function call()
    local batch, views = session.images:next(o.images), 0
    for i = 1, #made, 2 do views = views + #batch:views(made[i], { views = made[i + 1] }) end
    return views
  end

  for _ in session:steps() do
    local calls, start = 0, os.clock()
    repeat
      call()
      calls = calls + 1
    until os.clock() - start > 0.2 * THREADS
    local group = math.max(math.ceil(o.seconds / GROUPS / ((os.clock() - start) / THREADS / calls)), 1)
    print("start")
    for _ = 1, GROUPS do
      local views = 0
      for _ = 1, group do views = views + call() end
      print(("views|%d"):format(views))
    end
  end
end

return experiment
