-- What augmentations refuse, and with which words.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local a = mb.augment

local function applied(augmentation, ...)
  local shape = { ... }
  return function() return augmentation:apply(mb.rand(shape)) end
end

test("options outside of their ranges are refused", function()
  spec.fails("pad_crop: size must be from 1 to 8192 pixels, got 0", function() return a.pad_crop { size = 0 } end)
  spec.fails("unknown mode 'mirror'", function() return a.pad_crop { size = 4, mode = "mirror" } end)
  spec.fails("resize: size must be given, or shorter, got neither", function() return a.resize {} end)
  spec.fails("resize: shorter must be left out where size is given, got both", function() return a.resize { size = 4, shorter = 4 } end)
  spec.fails("unknown interpolation 'lanczos'", function() return a.resize { size = 4, interpolation = "lanczos" } end)
  spec.fails("unknown interpolation 'bicubic'", function() return a.rotate { degrees = 5, interpolation = "bicubic" } end)
  spec.fails("rotate: degrees must be a number, or two { low, high }, got 3 numbers", function() return a.rotate { degrees = { 1, 2, 3 } } end)
  spec.fails("rotate: degrees must be a number x for -x to x, or two numbers { low, high } with low at most high", function() return a.rotate { degrees = { 2, 1 } } end)
  spec.fails("affine: scale must be two numbers", function() return a.affine { degrees = 0, scale = { 0, 1 } } end)
  spec.fails("affine: shear must be", function() return a.affine { degrees = 0, shear = 90 } end)
  spec.fails("affine: translate must be a number, or two { across, down }, each from 0 to 1, got 2", function() return a.affine { degrees = 0, translate = 2 } end)
  spec.fails("perspective: distortion must be from 0 to 1, got 1.5", function() return a.perspective { distortion = 1.5 } end)
  spec.fails("erasing: value must be a number, one for each channel, or \"random\", got 'randm'", function() return a.erasing { value = "randm" } end)
  spec.fails("erasing: scale must be", function() return a.erasing { scale = { 0, 2 } } end)
  spec.fails("posterize: bits must be from 0 to 8, got 9", function() return a.posterize { bits = 9 } end)
  spec.fails("sharpness: factor must be a number of at least 0, got -1", function() return a.sharpness { factor = -1 } end)
  spec.fails("normalize: std must be other than 0, got 0", function() return a.normalize { mean = 0, std = { 1, 0, 1 } } end)
  spec.fails("normalize: std must be 3 numbers, as the mean, got 2", function() return a.normalize { mean = { 0, 0, 0 }, std = { 1, 1 } } end)
  spec.fails("normalize: mean must be a number, or one for each channel, got an empty list", function() return a.normalize { mean = {}, std = 1 } end)
  spec.fails("noise: sigma must be a number of at least 0, got -1", function() return a.noise { sigma = -1 } end)
  spec.fails("rand_augment: magnitude must be below 31, the number of bins, got 31", function() return a.rand_augment { magnitude = 31 } end)
  spec.fails("trivial_augment: bins must be from 2 to 1000000, got 1", function() return a.trivial_augment { bins = 1 } end)
  spec.fails("random_apply: p must be from 0 to 1, got 2", function() return a.random_apply(a.invert(), { p = 2 }) end)
  spec.fails("random_apply: p must be from 0 to 1, got 2", function() return a.random_apply(function(x) return x end, { p = 2 }) end)
  spec.fails("random_choice: augmentations must be from 1 to 1000, got 0", function() return a.random_choice({}) end)
  spec.fails("random_choice: weights must be 2 numbers, got 1", function() return a.random_choice({ a.invert(), a.equalize() }, { weights = { 1 } }) end)
  spec.fails("random_choice: weights must be not all 0, got only zeros", function() return a.random_choice({ a.invert() }, { weights = { 0 } }) end)
end)

test("images that a change cannot do are refused before anything is made", function()
  spec.fails("color_jitter: images must be of 1 or 3 channels, got 4 channels", applied(a.color_jitter { hue = 0.1 }, 1, 4, 5, 5))
  spec.fails("rand_augment: images must be of 1 or 3 channels, got 2 channels", applied(a.rand_augment(), 1, 2, 5, 5))
  spec.fails("normalize: mean must be one number, or 4 for as many channels, got 3", applied(a.normalize { mean = { 0, 0, 0 }, std = 1 }, 1, 4, 5, 5))
  spec.fails("erasing: value must be one number, or 3 for as many channels, got 2", applied(a.erasing { value = { 0, 1 } }, 1, 3, 5, 5))
  spec.fails("pad_crop: size must be at most the padded image, 13x13, got 14", applied(a.pad_crop { size = 14 }, 1, 3, 5, 5))
  spec.fails("random_apply: augmentations must be views of the size of their images, 5x5", applied(a.random_apply(a.resize { size = 4 }), 1, 3, 5, 5))
  spec.fails("random_choice: augmentations must be views of one size, 4x4 as the first, got 5x5", applied(a.random_choice({ a.resize { size = 4 }, a.invert() }), 1, 3, 5, 5))
  spec.fails("apply: wants images [B, C, H, W], got shape [3, 5, 5]", applied(a.invert(), 3, 5, 5))
  spec.fails("resize: the longer side must be at most 8192 pixels", applied(a.resize { shorter = 8000 }, 1, 1, 2, 4))
end)

test("what needs values in 0 to 1 cannot follow what leaves them", function()
  local normalize = a.normalize { mean = 0.5, std = 0.25 }
  spec.fails("chain: invert { p = 0.5 } needs values in 0 to 1: it must come before what leaves them", function() return a.chain { normalize, a.invert() } end)
  spec.fails("needs values in 0 to 1", function() return a.chain { normalize, function(x) return x end, a.equalize() } end)
  spec.fails("needs values in 0 to 1", function() return a.chain { a.erasing { value = "random" }, a.random_apply({ a.invert() }) } end)
  local behind = a.chain { normalize, a.random_resized_crop { size = 4 }, a.gaussian_blur { p = 1 }, a.erasing(), a.rotate { degrees = 9 }, a.horizontal_flip() }
  spec.near(behind:apply(mb.zeros(2, 3, 8, 8)):min(), -2, 1e-4)
end)
