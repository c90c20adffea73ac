-- Losses: reductions, labels, formats, and what they refuse. Values and gradients against PyTorch's are compared by
-- tests/library/gradients.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test
local loss = mb.loss

local function fails(text, name, ...)
  local given = table.pack(...)
  spec.fails(text, function() return loss[name](table.unpack(given, 1, given.n)) end)
end

test("a loss of elements is their mean, their sum, or each by itself", function()
  local x, y = mb.tensor { { 1.0, 2.0 }, { 3.0, 5.0 } }, mb.zeros(2, 2)
  spec.equal(loss.mse(x, y, { reduction = "none" }), { { 1, 4 }, { 9, 25 } })
  spec.equal(loss.mse(x, y, { reduction = "sum" }):item(), 39)
  spec.equal(loss.mse(x, y):item(), 9.75)
  fails("loss: unknown reduction 'avg'; there are: mean, sum, none", "mse", x, y, { reduction = "avg" })
  fails("kl_div: unknown reduction 'batch_mean'; did you mean 'batchmean'?", "kl_div", x, y, { reduction = "batch_mean" })
  fails("mse: unknown option 'reduce'; did you mean 'reduction'?", "mse", x, y, { reduce = "sum" })
end)

test("nothing broadcasts by accident", function()
  for _, name in ipairs { "mse", "l1", "huber", "smooth_l1", "bce_with_logits", "bce", "focal", "kl_div" } do
    fails(name .. ": shapes differ: [3, 1] and [3]", name, mb.zeros(3, 1), mb.zeros(3))
  end
  fails("hinge: shapes differ: [3, 1] and [3]", "hinge", mb.zeros(3, 1), mb.ones(3))
  fails("margin_ranking: shapes differ: [3] and [2]", "margin_ranking", mb.zeros(3), mb.zeros(3), mb.ones(2))
  fails("triplet_margin: shapes differ: [3, 2] and [2]", "triplet_margin", mb.zeros(3, 2), mb.zeros(3, 2), mb.zeros(2))
end)

test("float64 stays, with its digits", function()
  local x = mb.tensor({ { 0.1, -0.7, 2.3 }, { 1.5, 0.2, -0.4 } }, "float64")
  local p = mb.tensor({ { 0.3, 0.1, 0.6 }, { 1.0, 0.0, 0.0 } }, "float64")
  local labels = mb.tensor { 3, 1 }
  local function is(value, want)
    spec.equal(value.dtype, "float64")
    spec.near(value:item(), want, 1e-13)
  end
  is(loss.cross_entropy(x, labels), 0.25053181707564626)
  is(loss.cross_entropy(x, labels, { label_smoothing = 0.1 }), 0.3905318170756462)
  is(loss.cross_entropy(x, p), 0.7305318170756462)
  is(loss.mse(x, p), 0.6699999999999999)
  is(loss.l1(x, p), 0.6333333333333333)
  is(loss.huber(x, p, { delta = 0.5 }), 0.2075)
  is(loss.smooth_l1(x, p, { beta = 0.5 }), 0.415)
  is(loss.bce_with_logits(x, p), 0.6192825955535481)
  is(loss.bce(x:sigmoid(), p), 0.6192825955535481)
  is(loss.kl_div(x:log_softmax(2), p, { reduction = "batchmean" }), 0.2815589546472562)
  is(loss.triplet_margin(x, p, x:flip(1), { margin = 2 }), 0.3588471508523092)
  is(loss.cosine_embedding(x, p, mb.tensor { 1, -1 }), 0.5686163583756478)
  for name, value in pairs {
    nt_xent = loss.nt_xent(mb.cat { x, p }), dcl = loss.dcl(mb.cat { x, p }), dclw = loss.dclw(mb.cat { x, p }),
    supervised_contrastive = loss.supervised_contrastive(mb.cat { x, p }, labels), vicreg = loss.vicreg(x, p),
    alignment = loss.alignment(x, p), uniformity = loss.uniformity(x), dino = loss.dino(x, p),
    triplet = loss.triplet(mb.cat { x, p }, mb.tensor { 1, 2, 1, 2 }), multi_margin = loss.multi_margin(x, labels),
    focal = loss.focal(x, p:gt(0.5)), hinge = loss.hinge(x, x:sign()),
  } do
    spec.holds(value.dtype == "float64", name)
  end
end)

test("labels count from 1, and 0 is free for what is left out", function()
  local logits = mb.randn(4, 3)
  local labels = mb.tensor { 2, 0, 3, 0 }
  fails("cross_entropy: label 0 is out of range: there are 3 classes", "cross_entropy", logits, labels)
  local kept = loss.cross_entropy(logits:index_select(1, { 1, 3 }), mb.tensor { 2, 3 })
  spec.near(loss.cross_entropy(logits, labels, { ignore_index = 0 }), kept)
  spec.near(loss.nll(logits:log_softmax(2), labels, { ignore_index = 0 }), kept)
  local each = loss.cross_entropy(logits, labels, { ignore_index = 0, reduction = "none" })
  spec.equal({ each[2]:item(), each[4]:item() }, { 0, 0 })
  -- A class may be left out as well, and PyTorch's -100 is.
  spec.near(loss.cross_entropy(logits, mb.tensor { 2, 1, 3, 1 }, { ignore_index = 1 }), kept)
  spec.near(loss.cross_entropy(logits, mb.tensor { 2, -100, 3, -100 }), kept)
end)

test("probabilities of one class are its label", function()
  local logits, labels = mb.randn(5, 3), mb.tensor { 1, 3, 2, 2, 1 }
  local soft = labels:one_hot(3)
  for _, options in ipairs { {}, { label_smoothing = 0.2 }, { reduction = "sum" } } do
    spec.near(loss.cross_entropy(logits, soft, options), loss.cross_entropy(logits, labels, options))
  end
  fails("cross_entropy: shapes differ: [5, 3] and [5, 2]", "cross_entropy", logits, mb.zeros(5, 2))
  fails("cross_entropy: ignore_index must be left out for probabilities", "cross_entropy", logits, soft, { ignore_index = 0 })
  fails("cross_entropy: wants an int32 tensor, got float32", "cross_entropy", logits, mb.ones(5))
end)

test("logits of images have labels of their pixels", function()
  local logits, labels = mb.randn(2, 3, 4, 5), mb.randint(1, 3, { 2, 4, 5 })
  local rows = logits:permute(1, 3, 4, 2):reshape(-1, 3)
  spec.near(loss.cross_entropy(logits, labels), loss.cross_entropy(rows, labels:reshape(-1)))
  fails("cross_entropy: wants 40 labels [2, 4, 5], got shape [2, 5, 4]", "cross_entropy", logits, labels:transpose(2, 3))
  fails("cross_entropy: wants logits [rows, classes], got shape [3]", "cross_entropy", mb.zeros(3), mb.tensor { 1 })
end)

test("weights of classes and of elements have their shapes", function()
  local logits, labels = mb.randn(4, 3), mb.tensor { 1, 2, 3, 1 }
  local weight = mb.tensor { 1.0, 2.0, 0.5 }
  local each = loss.cross_entropy(logits, labels, { reduction = "none" })
  local of_rows = weight:index_select(1, labels)
  spec.near(loss.cross_entropy(logits, labels, { weight = weight }), (each * of_rows):sum() / of_rows:sum())
  fails("cross_entropy: weight must be a weight for each of the 3 classes, [3], got shape [2]", "cross_entropy", logits, labels, { weight = mb.ones(2) })
  fails("bce_with_logits: pos_weight must be of a shape that broadcasts to [4, 3], got [4]", "bce_with_logits", logits, logits:gt(0), { pos_weight = mb.ones(4) })
  fails("cross_entropy: label_smoothing must be from 0 to 1, got 1.5", "cross_entropy", logits, labels, { label_smoothing = 1.5 })
end)

test("truth values are bool or float, and ints are refused", function()
  local x, truths = mb.tensor { 0.5, -2.0, 1e4, -1e4 }, mb.tensor { true, false, true, false }
  for _, name in ipairs { "bce_with_logits", "focal" } do
    spec.equal(loss[name](x, truths), loss[name](x, truths:cast("float32")))
    fails(name .. ": wants a float32 or bool tensor, got int32", name, x, truths:cast("int32"))
  end
  spec.equal(loss.bce_with_logits(x, truths, { reduction = "none" }):slice(1, 3, 4), { 0, 0 })
  fails("bce: input must be probabilities from 0 to 1, got 10000", "bce", x:maximum(mb.zeros(4)), truths)
  fails("bce: input must be probabilities from 0 to 1, got -0.25", "bce", mb.tensor { -0.25 }, mb.tensor { true })
end)

test("the slope of a focal loss is finite however sure a prediction is", function()
  for _, gamma in ipairs { 0, 0.25, 0.5, 1, 2 } do
    local x = mb.tensor({ 200.0, -200.0, 1e4, -1e4, 0.5 }):requires_grad()
    local slope = mb.grad(loss.focal(x, mb.tensor { 1.0, 0.0, 1.0, 0.0, 1.0 }, { gamma = gamma }), { x })[1]
    spec.equal(slope:slice(1, 1, 4), { 0, 0, 0, 0 })
    spec.holds(slope[5]:item() < 0)
  end
end)

test("signs are 1 or -1", function()
  local x = mb.zeros(3)
  fails("hinge: target must be 1 or -1 for each element, got 0", "hinge", x, mb.tensor { 1, 0, -1 })
  fails("margin_ranking: target must be 1 or -1 for each element, got 2", "margin_ranking", x, x, mb.tensor { 1, 2, -1 })
  fails("hinge_embedding: target must be 1 or -1 for each element, got truth values", "hinge_embedding", x, mb.tensor { true, true, true })
  fails("cosine_embedding: wants a target [2], 1 or -1 for each row, got shape [3]", "cosine_embedding", mb.ones(2, 3), mb.ones(2, 3), mb.ones(3))
end)

test("losses of no element are NaN as a mean and 0 as a sum", function()
  local none = mb.zeros(0, 3)
  for _, name in ipairs { "mse", "l1", "huber", "smooth_l1", "bce_with_logits", "bce", "focal" } do
    spec.near(loss[name](none, none):item(), 0 / 0)
    spec.equal(loss[name](none, none, { reduction = "sum" }):item(), 0)
  end
end)

test("a mean over labels of which none is left is NaN", function()
  local logits, none = mb.randn(2, 3), { ignore_index = 0 }
  spec.near(loss.cross_entropy(logits, mb.tensor { 0, 0 }, none):item(), 0 / 0)
  none.weight = mb.ones(3)
  spec.near(loss.cross_entropy(logits, mb.tensor { 0, 0 }, none):item(), 0 / 0)
  spec.near(loss.cross_entropy(logits, mb.tensor { 1, 1 }, { weight = mb.tensor { 0.0, 1.0, 1.0 } }):item(), 0 / 0)
  spec.equal(loss.cross_entropy(logits, mb.tensor { 0, 0 }, { ignore_index = 0, reduction = "sum" }):item(), 0)
end)

test("triplets are mined by labels", function()
  local z = mb.tensor { { 0.0 }, { 1.0 }, { 1.25 }, { 5.0 } }
  local labels = mb.tensor { 1, 1, 2, 3 }
  -- Anchors of which there is another one are 0 and 1: farthest of the class 1 away, nearest other 1.25 and 0.25 away.
  spec.near(loss.triplet(z, labels, { margin = 0.5 }), (0.25 + 1.25) / 2)
  spec.near(loss.triplet(z, labels, { margin = 0.5, mining = "semi_hard" }), 0.25)
  spec.near(loss.triplet(z, labels, { margin = 0.5, mining = "all" }), (0.25 + 1.25) / 2)
  spec.near(loss.triplet(z, labels, { margin = 0.5, squared = true }), (0 + 1.4375) / 2)
  spec.equal(loss.triplet(z, mb.tensor { 1, 2, 3, 4 }):item(), 0)
  fails("triplet: wants 4 labels [4], got shape [3]", "triplet", z, mb.tensor { 1, 2, 3 })
  fails("triplet: unknown mining 'semihard'; did you mean 'semi_hard'?", "triplet", z, labels, { mining = "semihard" })
  fails("triplet: wants rows [N, d], got shape [4]", "triplet", z:flatten(), labels)
end)

test("a triplet of the same points has a loss, and a gradient that is finite", function()
  local z = mb.zeros(4, 3):requires_grad()
  local value = loss.triplet(z, mb.tensor { 1, 1, 2, 2 })
  spec.equal(value:item(), 1)
  spec.equal(mb.grad(value, { z })[1]:abs():sum():item(), 0)
end)

test("labels of images stand for all of their views", function()
  local z = mb.randn(6, 4)
  local of_rows = loss.supervised_contrastive(z, mb.tensor { 1, 2, 1, 1, 2, 1 })
  spec.near(loss.supervised_contrastive(z, mb.tensor { 1, 2, 1 }), of_rows)
  spec.near(loss.supervised_contrastive(z, mb.tensor { 1, 2, 3 }, { temperature = 0.5 }), loss.nt_xent(z, { temperature = 0.5 }))
  spec.equal(loss.supervised_contrastive(z, mb.range(1, 6)):item(), 0)
  fails("supervised_contrastive: wants labels of the 6 rows, or of as many images, got shape [4]", "supervised_contrastive", z, mb.range(1, 4))
  fails("supervised_contrastive: temperature must be a number over 0, got 0", "supervised_contrastive", z, mb.range(1, 6), { temperature = 0 })
end)

test("embeddings that are too few are told", function()
  fails("vicreg: wants at least 2 rows, since one alone has no variance, got shape [1, 3]", "vicreg", mb.ones(1, 3), mb.ones(1, 3))
  fails("dcl: wants a multiple of 2 rows, one for each view, got shape [3, 2]", "dcl", mb.ones(3, 2))
  fails("dclw: wants rows of at least 2 images, 2 each", "dclw", mb.ones(2, 2))
  fails("uniformity: wants at least 2 rows, since one alone has no distance, got shape [1, 2]", "uniformity", mb.ones(1, 2))
  fails("alignment: shapes differ: [3, 2] and [2, 2]", "alignment", mb.ones(3, 2), mb.ones(2, 2))
end)

test("dino's teacher is a constant, and its crops are the student's first", function()
  local student, teacher = mb.randn(6, 5):requires_grad(), mb.randn(4, 5):requires_grad()
  local value = loss.dino(student, teacher, { crops = 3, center = mb.zeros(5) })
  spec.near(value, loss.dino(student, teacher, { crops = 3 }))
  local gradients = mb.grad(value, { student, teacher })
  spec.holds(gradients[1]:abs():sum():item() > 0)
  spec.equal(gradients[2]:abs():sum():item(), 0)
  fails("dino: wants a teacher [4, 5], 2 crops per image, got shape [6, 5]", "dino", student, student, { crops = 3 })
  fails("dino: wants a multiple of 4 rows, one for each crop, got shape [6, 5]", "dino", student, teacher, { crops = 4 })
  fails("dino: teacher_crops must be at most the 3 crops of the student, got 4", "dino", student, teacher, { crops = 3, teacher_crops = 4 })
  fails("dino: center must be of a shape that broadcasts to [4, 5], got [4]", "dino", student, teacher, { crops = 3, center = mb.zeros(4) })
end)

test("a mean over a weight that is learnt has a gradient by it", function()
  local weight = mb.ones(3):requires_grad()
  local value = loss.cross_entropy(mb.randn(4, 3), mb.tensor { 1, 2, 3, 1 }, { weight = weight })
  spec.holds(mb.grad(value, { weight })[1]:abs():sum():item() > 0)
end)

test("embeddings that are NaN give a loss that is, however triplets are mined", function()
  local z, labels = mb.full({ 4, 2 }, 0 / 0), mb.tensor { 1, 1, 2, 2 }
  for _, mining in ipairs { "hard", "semi_hard", "all" } do
    local value = loss.triplet(z, labels, { mining = mining }):item()
    spec.holds(value ~= value)
  end
end)

test("rows that are aligned already have a gradient of 0, whatever the power", function()
  for _, alpha in ipairs { 0.5, 1, 2 } do
    local x = mb.eye(2):requires_grad()
    spec.equal(mb.grad(loss.alignment(x, mb.eye(2), { alpha = alpha }), { x })[1], mb.zeros(2, 2))
  end
  local zeros = mb.zeros(2, 3):requires_grad()
  spec.equal(mb.grad((zeros:norm(2) ^ 0.5):sum(), { zeros })[1], mb.zeros(2, 3))
  spec.equal(mb.grad((zeros:std(2) ^ 0.5):sum(), { zeros })[1], mb.zeros(2, 3))
end)
