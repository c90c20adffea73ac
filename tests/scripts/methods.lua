-- Losses, augmentations, schedules, data and evaluation as scripts see them.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

test("labels of the cross-entropy count from 1", function()
  local logits = mb.tensor { { 2.0, 0.0, 0.0 }, { 0.0, 0.0, 1.0 } }
  local want = -(logits:log_softmax():index(1, 1):index(1, 1):item() + logits:log_softmax():index(1, 2):index(1, 3):item()) / 2
  spec.near(mb.loss.cross_entropy(logits, mb.tensor { 1, 3 }):item(), want)
  spec.fails("label 4 is out of range", function() return mb.loss.cross_entropy(logits, mb.tensor { 1, 4 }) end)
  spec.fails("label 0 is out of range", function() return mb.loss.cross_entropy(logits, mb.tensor { 0, 1 }) end)
end)

test("NT-Xent of views that all agree is the logarithm of the others", function()
  local z = mb.ones(6, 4)
  spec.near(mb.loss.nt_xent(z, { views = 2, temperature = 0.3 }):item(), math.log(5))
  spec.near(mb.loss.nt_xent(z, { views = 3, temperature = 0.3 }):item(), math.log(5))
end)

test("NT-Xent refuses what makes no sense", function()
  local z = mb.rand(6, 4)
  for _, options in ipairs { { views = 1 }, { views = 4 }, { temperature = 0 }, { temperature = -1 }, { temperature = 0 / 0 } } do
    spec.fails("nt_xent: ", function() return mb.loss.nt_xent(z, options) end)
  end
  spec.fails("unknown option 'temprature'; did you mean 'temperature'?", function() return mb.loss.nt_xent(z, { temprature = 1 }) end)
end)

test("NT-Xent of one image, which is always 0, is refused with the reason", function()
  for _, views in ipairs { 2, 3, 5 } do
    spec.fails(("nt_xent: wants rows of at least 2 images, %d each: the views of one alone have no other to differ from, got shape [%d, 4]"):format(views, views), function()
      return mb.loss.nt_xent(mb.rand(views, 4), { views = views })
    end)
  end
  spec.holds(mb.loss.nt_xent(mb.rand(4, 4)):item() > 0)
end)

test("the cross-entropy over one class, which is always 0, is refused", function()
  spec.fails("cross_entropy: wants at least 2 classes, since with one the loss is always 0, got shape [3, 1]", function()
    return mb.loss.cross_entropy(mb.rand(3, 1), mb.tensor { 1, 1, 1 })
  end)
end)

test("a warm-up rises to the base and a cosine falls to 0", function()
  local schedule = mb.schedule.warmup_cosine(4, { warmup = 2 })
  spec.near({ schedule:at(1, 20), schedule:at(2, 20), schedule:at(3, 20) }, { 4 / 3, 8 / 3, 4 })
  spec.near(schedule:at(12, 20), 2)
  spec.fails("warmup", function() return mb.schedule.warmup_cosine(4, { warmup = 1.5 }) end)
end)

test("an augmentation is a function of key and row", function()
  local augment = mb.augment.chain { mb.augment.random_resized_crop { size = 9 }, mb.augment.color_jitter { hue = 0.2 } }
  local images = mb.rand(3, 3, 12, 11)
  local views = augment:apply(images, 7)
  spec.equal(views.shape, { 3, 3, 9, 9 })
  spec.equal(views, augment:apply(images, 7))
  spec.holds((views - augment:apply(images, 8)):abs():sum():item() > 0.1)
  spec.near(views:index(1, 1), augment:apply(images:slice(1, 1, 1), 7):index(1, 1))
end)

test("an augmentation refuses what makes no sense", function()
  spec.fails("color_jitter: hue must be", function() return mb.augment.color_jitter { hue = 0.7 } end)
  spec.fails("horizontal_flip: p must be", function() return mb.augment.horizontal_flip { p = 1.5 } end)
  spec.fails("random_resized_crop: scale must be", function() return mb.augment.random_resized_crop { size = 8, scale = { 0.5, 0.1 } } end)
  spec.fails("random_resized_crop: size must be given, got nothing", function() return mb.augment.random_resized_crop {} end)
  spec.fails("chain: augmentations[1] must be an augmentation, a kernel or a function(images, draw), got 3", function() return mb.augment.chain { 3 } end)
  spec.fails("chain: augmentations must be a list without named entries", function() return mb.augment.chain { flip = mb.augment.horizontal_flip() } end)
end)

test("the built-in set has ten classes and labels from 1", function()
  local images = mb.data.images("shapes", { count = 50 })
  spec.equal(#images, 50)
  spec.equal(#images:classes(), 10)
  spec.equal(images:labels():min():item(), 1)
  spec.equal(images:labels():max():item(), 10)
end)

test("a data set has an order once it has a name in a session", function()
  spec.fails("session.NAME", function() return mb.data.images("shapes", { count = 50 }):next(4) end)
end)

test("a data set that is not there, and a split that is none, are errors", function()
  spec.fails("no/such/folder: no such folder", function() return #mb.data.images("no/such/folder") end)
  spec.fails("unknown split 'trian'; did you mean 'train'?", function() return mb.data.images("shapes", { split = "trian" }) end)
end)

test("the nearest neighbours of features vote for the class", function()
  local known = mb.tensor { { 1.0, 0.0 }, { 0.9, 0.1 }, { 0.0, 1.0 }, { 0.1, 0.9 } }
  local labels, asked = mb.tensor { 1, 1, 2, 2 }, mb.tensor { { 2.0, 0.1 }, { 0.1, 3.0 }, { 1.0, 0.2 } }
  spec.near(mb.evaluate.knn_features(known, labels, asked, mb.tensor { 1, 2, 2 }, { k = 2 }), 200 / 3)
  spec.fails("knn: the test features must be finite", function()
    return mb.evaluate.knn_features(known, labels, asked / 0, mb.tensor { 1, 2, 2 }, { k = 2 })
  end)
  spec.fails("knn: k must be", function() return mb.evaluate.knn_features(known, labels, asked, mb.tensor { 1, 2, 2 }, { k = 5 }) end)
end)
