-- Every augmentation on images from one pixel on, of one, three and more channels.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local a = mb.augment

local of_any_channels = {
  a.pad_crop { size = 3, padding = 2, mode = "symmetric" }, a.resize { size = 7 }, a.resize { size = 2, interpolation = "bicubic" },
  a.center_crop { size = 5 }, a.vertical_flip { p = 1 }, a.horizontal_flip { p = 1 }, a.rotate { degrees = 180 },
  a.affine { degrees = 90, translate = 0.5, scale = { 0.5, 2 }, shear = 30, shear_y = 20, interpolation = "bilinear" },
  a.perspective { p = 1, distortion = 1 }, a.erasing { p = 1, value = "random" }, a.erasing { p = 1, scale = { 1, 1 } },
  a.posterize { bits = 2, p = 1 }, a.equalize { p = 1 }, a.autocontrast { p = 1 }, a.sharpness { factor = 2, p = 1 },
  a.invert { p = 1 }, a.noise(), a.solarize { p = 1 }, a.gaussian_blur { p = 1 }, a.quarter_turn { p = 1 },
  a.normalize { mean = 0.5, std = 0.5 }, a.random_resized_crop { size = 4 },
}

local of_colours = { a.color_jitter { brightness = 1, contrast = 1, saturation = 1, hue = 0.5 }, a.grayscale { p = 1 }, a.rand_augment { ops = 5, magnitude = 30 }, a.trivial_augment() }

test("every augmentation does images of every size and number of channels", function()
  for _, size in ipairs { { 1, 1 }, { 1, 5 }, { 6, 1 }, { 2, 2 }, { 3, 4 }, { 17, 33 } } do
    for _, channels in ipairs { 1, 3, 4, 6 } do
      local images = mb.rand(9, channels, size[1], size[2])
      local all = { table.unpack(of_any_channels) }
      if channels <= 3 then table.move(of_colours, 1, #of_colours, #all + 1, all) end
      for _, augmentation in ipairs(all) do
        local made = augmentation:apply(images)
        spec.equal({ made.shape[1], made.shape[2] }, { 9, channels })
        spec.holds(made:isfinite():all():item(), ("%s of %dx%d"):format(augmentation, size[1], size[2]))
      end
    end
  end
end)

test("an image of 4,096 by 4,096 pixels is changed in one piece", function()
  local half = mb.full({ 1, 1, 4096, 4096 }, 0.5)
  spec.near(a.resize { size = 32 }:apply(half), mb.full({ 1, 1, 32, 32 }, 0.5), 1e-5)
  spec.near(a.random_resized_crop { size = 64 }:apply(half), mb.full({ 1, 1, 64, 64 }, 0.5), 1e-5)
  -- What is turned out of the corners is 0: a square in itself turned by 45 degrees keeps 2 · (√2 - 1) of its area.
  spec.near(a.rotate { degrees = { 45, 45 } }:apply(half):mean(), math.sqrt(2) - 1, 1e-3)
  spec.equal(a.equalize { p = 1 }:apply(half):max(), a.equalize { p = 1 }:apply(half):min())
end)

test("no images give no views", function()
  for _, augmentation in ipairs { a.chain {}, a.invert(), a.chain { function(images) return images end }, a.random_apply(function(images) return images end) } do
    spec.equal(augmentation:apply(mb.rand(0, 3, 4, 4)).shape, { 0, 3, 4, 4 })
  end
end)
