-- Labels carry the names of the classes that they count, and two sets are matched by them.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

-- So many images of some classes of the built-in set, all by default.
local function images(count, classes, split)
  return mb.data.images("shapes", { count = count, classes = classes, split = split })
end

local function features(set)
  return mb.evaluate.features(mb.nn.flatten(), set)
end

-- Accuracies by all four ways, on pixels.
local function accuracies(train, test_set)
  local knn, probe = { k = 5 }, { epochs = 20, batch = 32, lr = 0.01 }
  local f, g = features(train), features(test_set)
  local flatten, evaluate = mb.nn.flatten(), mb.evaluate
  return {
    evaluate.knn(flatten, train, test_set, knn),
    evaluate.knn_features(f, train:labels(), g, test_set:labels(), knn),
    evaluate.linear(flatten, train, test_set, probe),
    evaluate.linear_features(f, train:labels(), g, test_set:labels(), probe),
  }
end

local function refused(text, train, test_set)
  local f, g = features(train), features(test_set)
  local flatten, evaluate = mb.nn.flatten(), mb.evaluate
  spec.fails("knn: " .. text, function() return evaluate.knn(flatten, train, test_set, { k = 1 }) end)
  spec.fails("linear: " .. text, function() return evaluate.linear(flatten, train, test_set) end)
  spec.fails("knn_features: " .. text, function() return evaluate.knn_features(f, train:labels(), g, test_set:labels(), { k = 1 }) end)
  spec.fails("linear_features: " .. text, function() return evaluate.linear_features(f, train:labels(), g, test_set:labels()) end)
end

test("what keeps labels keeps the names of their classes", function()
  local set = images(60)
  local labels, names = set:labels(), set:classes()
  local picks = mb.tensor { 3, 1, 3 }
  local kept = {
    labels, labels:slice(1, 2, 9), labels[4], labels:index(1, -1), labels:index_select(1, picks), labels:gather(1, picks), labels:flip(1),
    labels:reshape(6, 10), labels:reshape(6, 10):transpose():flatten(), labels:unsqueeze(1):squeeze(), labels:detach(),
    labels:cast("float32"), labels:cast("float32"):cast("int32"), labels:reshape(60, 1):expand(60, 2),
    mb.cat { labels, labels:slice(1, 1, 5) }, mb.stack { labels, labels },
  }
  for _, tensor in ipairs(kept) do spec.equal(tensor.classes, names) end
end)

test("what makes other numbers of labels drops the names", function()
  local labels = images(20):labels()
  local dropped = {
    labels + 0, labels * 2, -labels, labels:eq(labels), labels:gt(3), labels:one_hot(10), labels:max(), labels:cast("bool"),
    labels:cast("float32"):argmax(), mb.cat { labels, mb.tensor { 1 } }, mb.rand(3):index_select(1, labels:slice(1, 1, 1) * 0 + 1),
  }
  for _, tensor in ipairs(dropped) do spec.holds(tensor.classes == nil) end
end)


test("labels of sets whose classes differ are neither joined nor compared", function()
  local names = images(20):classes()
  local one, other = images(60, { names[1], names[2] }):labels(), images(60, { names[2], names[1] }):labels()
  local text = ("the labels count different classes: %s, %s; and %s, %s"):format(names[1], names[2], names[2], names[1])
  spec.fails("cat: " .. text, function() return mb.cat { one, other } end)
  spec.fails("eq: " .. text, function() return one:slice(1, 1, 2):eq(other:slice(1, 1, 2)) end)
  spec.equal(#mb.cat { one + 0, other }, #one + #other)
end)

test("classes are matched by name, whatever their order", function()
  local names = images(20):classes()
  local train = images(300, { names[3], names[4], names[5] })
  local same, turned = images(100, { names[3], names[4], names[5] }, "test"), images(100, { names[5], names[3], names[4] }, "test")
  local want = accuracies(train, same)
  spec.near(accuracies(train, turned), want, 1e-9)
  spec.holds(want[1] > 60 and want[2] == want[1] and want[4] == want[3])
end)

test("a filter on one split is matched by name", function()
  local names = images(20):classes()
  local train, some = images(300), images(100, { names[5], names[2] }, "test")
  local by_name = accuracies(train, some)[2]
  -- The same rows, taken out of the whole test set.
  local whole = images(100, nil, "test")
  local rows = {}
  for row, label in ipairs(whole:labels():to_table()) do
    if label == 5 or label == 2 then rows[#rows + 1] = row end
  end
  local f, g = features(train), features(whole):index_select(1, rows)
  spec.near(by_name, mb.evaluate.knn_features(f, train:labels(), g, whole:labels():index_select(1, rows), { k = 5 }))
end)

test("a class of test that no row of train has is an error by name", function()
  local names = images(20):classes()
  local train = images(100, { names[1], names[2], names[3] })
  local want = ("test must be of the classes of train's rows (%s, %s, %s), got "):format(names[1], names[2], names[3])
  refused(want .. ("another class '%s'"):format(names[4]), train, images(60, { names[2], names[4] }, "test"))
  refused(want .. ("other classes '%s', '%s'"):format(names[4], names[5]), train, images(60, { names[4], names[5] }, "test"))
end)

test("a class that only train has is no error", function()
  local names = images(20):classes()
  local found = accuracies(images(300), images(100, { names[1] }, "test"))
  for _, accuracy in ipairs(found) do spec.holds(accuracy >= 0 and accuracy <= 100) end
end)

test("numbers without names must be among those of train", function()
  local train, test_rows = mb.eye(4), mb.eye(4):slice(1, 1, 3)
  local function knn(known, asked)
    return mb.evaluate.knn_features(train, mb.tensor(known), test_rows, mb.tensor(asked), { k = 1 })
  end
  spec.equal(knn({ 7, 3, 9, 1 }, { 7, 3, 9 }), 100)
  spec.fails("knn_features: test must be of the classes of train's rows (1, 2, 3), got another class 4", function()
    return knn({ 1, 2, 3, 3 }, { 1, 2, 4 })
  end)
end)

test("numbers beside names are positions among them", function()
  local set = images(60)
  local f, labels = features(set), set:labels()
  spec.equal(mb.evaluate.knn_features(f, labels, f, labels + 0, { k = 1 }), 100)
  spec.equal(mb.evaluate.knn_features(f, labels + 0, f, labels, { k = 1 }), 100)
  spec.fails("label 11 is out of range: there are 10 classes", function()
    return mb.evaluate.knn_features(f, labels, f, labels + 1, { k = 1 })
  end)
end)
