-- Solarization.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

test("values from the threshold on become one minus themselves", function()
  local image = mb.tensor { 0.0, 0.25, 0.5, 0.75, 1.0, 0.125 }:reshape(1, 3, 1, 2)
  local function solarized(threshold) return mb.augment.solarize { threshold = threshold, p = 1 }:apply(image) end
  spec.equal(solarized(0.5), mb.tensor { 0.0, 0.25, 0.5, 0.25, 0.0, 0.125 }:reshape(1, 3, 1, 2))
  spec.equal(solarized(0.75), mb.tensor { 0.0, 0.25, 0.5, 0.25, 0.0, 0.125 }:reshape(1, 3, 1, 2))
  spec.equal(solarized(0), 1 - image)
end)

test("a fifth of the images are solarized unless told otherwise", function()
  local images = mb.ones(2000, 3, 1, 1)
  local kept = mb.augment.solarize():apply(images):sum():item() / 3
  spec.holds(kept > 1500 and kept < 1700, kept)
  spec.equal(mb.augment.solarize { p = 0 }:apply(images), images)
end)

test("a solarization refuses what makes no sense", function()
  spec.fails("solarize: threshold must be from 0 to 1, got 128", function() return mb.augment.solarize { threshold = 128 } end)
  spec.fails("solarize: p must be from 0 to 1, got -1", function() return mb.augment.solarize { p = -1 } end)
  spec.fails("unknown option 'treshold'; did you mean 'threshold'?", function() return mb.augment.solarize { treshold = 0.5 } end)
end)
