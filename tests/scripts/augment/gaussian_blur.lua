-- Blurring, against the formula and at the edges.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local function blur(images, options)
  return mb.augment.gaussian_blur(options):apply(images)
end

test("a blurred point is the kernel", function()
  local list = {}
  for i = 1, 49 do list[i] = i == 25 and 1.0 or 0.0 end
  local plane = mb.tensor(list):reshape(7, 7)
  local point = mb.stack { mb.stack { plane, plane, plane } }
  local got = blur(point, { kernel = 5, sigma = { 0.8, 0.8 }, p = 1 })
  local weights, sum = {}, 0
  for x = -3, 3 do
    weights[x + 4] = math.abs(x) <= 2 and math.exp(-0.5 * (x / 0.8) ^ 2) or 0
    sum = sum + weights[x + 4]
  end
  for row = 1, 7 do
    for column = 1, 7 do
      local want = weights[row] * weights[column] / sum ^ 2
      spec.near(got:index(1, 1):index(1, 2):index(1, row):index(1, column):item() + 1, want + 1, 1e-6)
    end
  end
end)

test("a blur keeps flat images and sizes, also where the kernel is larger than the image", function()
  for _, size in ipairs { { 1, 1 }, { 1, 6 }, { 2, 3 }, { 33, 17 } } do
    local flat = mb.ones(2, 3, size[1], size[2]) * 0.5
    spec.near(blur(flat, { kernel = 23, sigma = { 2, 5 }, p = 1 }), flat)
  end
end)

test("a blur that never happens changes nothing, and one that may is a function of key and row", function()
  local images = mb.rand(16, 3, 12, 11)
  spec.equal(blur(images, { p = 0 }), images)
  local augment = mb.augment.gaussian_blur()
  spec.equal(augment:apply(images, 3), augment:apply(images, 3))
  spec.holds((augment:apply(images, 3) - augment:apply(images, 4)):abs():sum():item() > 0.1)
end)

test("a blur refuses what makes no sense", function()
  spec.fails("gaussian_blur: kernel must be an odd number, got 4", function() return mb.augment.gaussian_blur { kernel = 4 } end)
  spec.fails("gaussian_blur: kernel must be from 1 to 1023 pixels, got 100001", function() return mb.augment.gaussian_blur { kernel = 100001 } end)
  spec.fails("kernel", function() return mb.augment.gaussian_blur { kernel = -3 } end)
  spec.fails("gaussian_blur: sigma must be two numbers { low, high } with low at most high, each over 0 pixels", function() return mb.augment.gaussian_blur { sigma = { 0, 1 } } end)
  spec.fails("gaussian_blur: sigma must be two numbers { low, high }, got 1 numbers", function() return mb.augment.gaussian_blur { sigma = { 1 } } end)
  spec.fails("gaussian_blur: p must be from 0 to 1, got 2", function() return mb.augment.gaussian_blur { p = 2 } end)
  spec.fails("unknown option 'sigmas'; did you mean 'sigma'?", function() return mb.augment.gaussian_blur { sigmas = { 1, 2 } } end)
end)
