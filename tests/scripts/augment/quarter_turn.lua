-- Turning by quarters.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local function planes(list, height, width)
  local plane = mb.tensor(list):reshape(height, width)
  return mb.stack { mb.stack { plane, plane, plane } }
end

test("a turned square is one of the three turns, and all three come up", function()
  local image = planes({ 0.0, 0.1, 0.2, 0.3 }, 2, 2)
  -- torch.rot90(image, k, [2, 3]) for k = 1, 2, 3.
  local turns = { { 0.1, 0.3, 0.0, 0.2 }, { 0.3, 0.2, 0.1, 0.0 }, { 0.2, 0.0, 0.3, 0.1 } }
  local seen = {}
  for key = 1, 60 do
    local got = mb.augment.quarter_turn { p = 1 }:apply(image, key)
    for quarters, want in ipairs(turns) do
      if (got - planes(want, 2, 2)):abs():sum():item() == 0 then seen[quarters] = (seen[quarters] or 0) + 1 end
    end
  end
  spec.holds(seen[1] and seen[2] and seen[3])
  spec.equal(seen[1] + seen[2] + seen[3], 60)
end)

test("an image that is not square is turned by half, in a chain too", function()
  local image = planes({ 0.0, 0.1, 0.2, 0.3, 0.4, 0.5 }, 2, 3)
  local half = planes({ 0.5, 0.4, 0.3, 0.2, 0.1, 0.0 }, 2, 3)
  for key = 1, 8 do
    spec.equal(mb.augment.quarter_turn { p = 1 }:apply(image, key), half)
    local chain = mb.augment.chain { mb.augment.quarter_turn { p = 1 }, mb.augment.random_resized_crop { size = 5 }, mb.augment.quarter_turn { p = 1 } }
    spec.equal(chain:apply(image, key).shape, { 1, 3, 5, 5 })
  end
end)

test("a turn refuses what makes no sense", function()
  spec.fails("quarter_turn: p must be from 0 to 1, got 1.5", function() return mb.augment.quarter_turn { p = 1.5 } end)
  spec.fails("unknown option 'q'", function() return mb.augment.quarter_turn { q = 1 } end)
end)
