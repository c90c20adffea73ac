-- What is drawn without a key differs from call to call, and not from run to run.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local function differ(one, other)
  return (one - other):abs():max():item() > 0.01
end

test("two calls without a key draw differently, with one alike", function()
  local images = mb.rand(4, 3, 8, 8)
  local augment = mb.augment.random_resized_crop { size = 8, scale = { 0.2, 0.5 } }
  local first, second = augment:apply(images), augment:apply(images)
  spec.holds(differ(first, second))
  spec.equal(augment:apply(images, 1), augment:apply(images, 1))
  for key = 1, 3 do
    spec.holds(differ(first, augment:apply(images, key)) and differ(second, augment:apply(images, key)))
  end
end)
