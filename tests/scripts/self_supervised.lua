-- What the self-supervised scripts share, and DINO's head.
local mb = require "moonburn"
local spec = require "spec"
local dino_head = require "moonburn.dino_head"
local self_supervised = require "moonburn.self_supervised"
local test = spec.test

test("an option that a script has no use for is refused with what it must be", function()
  local given = self_supervised.options { rotations = 2 }
  spec.fails("this script has no use for rotations: it must be 1, got 2", function()
    self_supervised.refuse(given, { "rotate", "rotations" })
  end)
  self_supervised.refuse(given, { "rotate", "mix" })
  self_supervised.refuse(self_supervised.options { lr = 1 }, self_supervised.episode_options)
end)

test("the outputs of DINO's head are cosines, whose mean over a batch is not 0", function()
  local cosines = dino_head.new(4, 8, 3, 6):realise("head")(mb.randn(16, 4))
  spec.equal(cosines.shape, { 16, 6 })
  spec.holds(cosines:abs():max():item() <= 1 + 1e-5, cosines)
  spec.holds(cosines:mean(1):abs():max():item() > 1e-3, cosines:mean(1))
end)

test("small views have half the side, and are asked for by the option crops", function()
  spec.equal(self_supervised.crops(self_supervised.options { crops = 0 }), nil)
  local crops = assert(self_supervised.crops(self_supervised.options { size = 20, crops = 3 }))
  spec.equal(crops.views, 3)
  spec.equal(crops.augment:apply(mb.rand(2, 3, 20, 20)).shape, { 2, 3, 10, 10 })
end)
