-- MixUp and CutMix of labelled batches. Values beside torchvision's are the core's tests.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local both = { mixup = mb.augment.mixup, cutmix = mb.augment.cutmix }

test("images are mixed with the one before, targets likewise, and what is one hot stays a distribution", function()
  local images, labels = mb.rand(5, 2, 6, 7), mb.tensor { 1, 3, 3, 2, 4 }
  local mixed, targets = mb.augment.mixup(images, labels, { classes = 4 })
  local own, before = labels:one_hot(4), labels:roll(1):one_hot(4)
  local weight = targets[1][1]:item()
  spec.near(targets, weight * own + (1 - weight) * before)
  spec.near(mixed, weight * images + (1 - weight) * images:roll(1, 1))
  spec.equal({ targets.dtype, targets:sum(2):allclose(1) }, { "float32", true })
end)

test("cutmix pastes one box for all, whose area the targets tell", function()
  local images = mb.cat { mb.zeros(1, 4, 9, 5), mb.ones(1, 4, 9, 5) }
  for _ = 1, 10 do
    local mixed, targets = mb.augment.cutmix(images, mb.tensor { 1, 2 }, { classes = 2 })
    spec.near(mixed[1]:mean(), targets[1][2])
    spec.equal(mixed[1], 1 - mixed[2])
  end
end)

test("probabilities are mixed again, and cross-entropy takes them", function()
  for name, mix in pairs(both) do
    local images, labels = mb.rand(4, 3, 8, 8), mb.tensor { 1, 2, 3, 1 }
    local _, soft = mix(images, labels, { classes = 3 })
    local _, again = mix(images, soft)
    spec.near(again:sum(2), mb.ones(4))
    spec.equal(again.shape, { 4, 3 })
    local logits = mb.randn(4, 3)
    spec.near(mb.loss.cross_entropy(logits, again), -(again * logits:log_softmax(2)):sum(2):mean())
    spec.fails(name .. ": classes must be left out, or 3, the width of the labels, got 4", function() mix(images, soft, { classes = 4 }) end)
  end
end)

test("gradients flow to both images of a pair", function()
  for _, mix in pairs(both) do
    local images = mb.rand(3, 1, 4, 4):requires_grad()
    local mixed = mix(images, mb.tensor { 1, 2, 1 }, { classes = 2 })
    spec.near(mb.grad(mixed:sum(), { images })[1], mb.ones(3, 1, 4, 4))
  end
end)

test("labels of a data set tell how many classes there are", function()
  local labels = mb.data.images("shapes", { count = 20 }):labels()
  for _, mix in pairs(both) do
    local _, targets = mix(mb.rand(20, 3, 4, 4), labels)
    spec.equal(targets.shape, { 20, 10 })
  end
end)

test("calls differ, and a large alpha mixes evenly", function()
  local images, labels = mb.rand(2, 3, 2, 2), mb.tensor { 1, 2 }
  local function weight(alpha)
    local _, targets = mb.augment.mixup(images, labels, { classes = 2, alpha = alpha })
    return targets[1][1]:item()
  end
  spec.holds(weight(1) ~= weight(1))
  for _ = 1, 5 do spec.near(weight(1e6), 0.5, 0.01) end
end)

test("what cannot be mixed is an error that says why", function()
  for name, mix in pairs(both) do
    local function fails(text, ...)
      local given = table.pack(...)
      spec.fails(name .. ": " .. text, function() return mix(table.unpack(given)) end)
    end
    local images, labels = mb.rand(3, 1, 4, 4), mb.tensor { 1, 2, 3 }
    fails("wants images [B, C, H, W], got shape [3, 4, 4]", mb.rand(3, 4, 4), labels)
    fails("wants images [B, C, H, W], got shape [3, 1, 0, 4]", mb.zeros(3, 1, 0, 4), labels)
    fails("wants at least 2 images, since one alone has no partner, got shape [1, 1, 4, 4]", mb.rand(1, 1, 4, 4), mb.tensor { 1 }, { classes = 2 })
    fails("wants a float32 tensor, got int32", images:cast("int32"), labels)
    fails("wants 3 labels, one for each image, got shape [2]", images, mb.tensor { 1, 2 }, { classes = 3 })
    fails("wants 3 labels, one for each image, got shape [3, 1]", images, labels:unsqueeze(2), { classes = 3 })
    fails("wants probabilities of classes [3, classes], or 3 labels that are ints, got shape [3]", images, labels:cast("float32"))
    fails("wants probabilities of classes [3, classes], or 3 labels that are ints, got shape [2, 3]", images, mb.rand(2, 3))
    fails("wants an int32 tensor, got bool", images, labels:eq(1))
    fails("classes must be given for labels without names of classes, got nothing", images, labels)
    fails("label 3 is out of range: there are 2 classes", images, labels, { classes = 2 })
    fails("label 0 is out of range: there are 3 classes", images, labels - 1, { classes = 3 })
    fails("alpha must be a number over 0, got 0", images, labels, { classes = 3, alpha = 0 })
    fails("unknown option 'alfa'; did you mean 'alpha'?", images, labels, { alfa = 1 })
    fails("classes must be a positive integer, got 0", images, labels, { classes = 0 })
  end
end)
