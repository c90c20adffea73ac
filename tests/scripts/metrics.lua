-- Metrics against values of scikit-learn, computed by tests/reference/metrics.py, and what they refuse.
local mb = require "moonburn"
local spec = require "spec"
local cases = require "fixtures.metrics"
local test = spec.test
local metric = mb.metric

for number, case in ipairs(cases.classes) do
  test("predicted classes are counted as scikit-learn counts them, " .. number, function()
    local labels, predictions = mb.tensor(case.labels), mb.tensor(case.predictions)
    local classes = { classes = case.classes }
    spec.near(metric.accuracy(predictions, labels), case.accuracy, 1e-12)
    spec.near(metric.accuracy(predictions, labels, { average = "macro" }), case.balanced, 1e-12)
    spec.equal(metric.confusion_matrix(predictions, labels, classes), case.confusion)
    local precision, recall, f1, support = metric.precision_recall_f1(predictions, labels, classes)
    spec.near(precision, case.precision)
    spec.near(recall, case.recall)
    spec.near(f1, case.f1)
    spec.equal(support, case.support)
    for _, average in ipairs { "macro", "micro", "weighted" } do
      local options = { average = average }
      local got = { metric.precision(predictions, labels, options), metric.recall(predictions, labels, options), metric.f1(predictions, labels, options) }
      spec.near(got, case[average], 1e-12)
    end
    -- Scores whose largest is at the prediction say the same.
    if case.classes > 1 then
      local scores = predictions:one_hot(case.classes)
      spec.near(metric.accuracy(scores, labels), case.accuracy, 1e-12)
      spec.equal(metric.confusion_matrix(scores, labels), case.confusion)
    end
  end)
end

test("the accuracy of a class is its recall, NaN where it has no rows", function()
  local predictions, labels = mb.tensor { 1, 2, 3, 3 }, mb.tensor { 1, 1, 3, 3 }
  spec.near(metric.class_accuracy(predictions, labels, { classes = 4 }), { 0.5, 0 / 0, 1, 0 / 0 })
end)

test("rows of an ignored label are left out, also of images", function()
  local predictions, labels = mb.tensor { { 1, 2 }, { 2, 2 } }, mb.tensor { { 1, 0 }, { 1, 2 } }
  spec.near(metric.accuracy(predictions, labels, { ignore_index = 0 }), 2 / 3, 1e-12)
  local scores = mb.tensor { { { 0.9, 0.1 }, { 0.1, 0.9 } }, { { 0.2, 0.1 }, { 0.8, 0.9 } } }
  spec.equal(scores.shape, { 2, 2, 2 })
  spec.near(metric.accuracy(scores, labels, { ignore_index = 0 }), 2 / 3, 1e-12)
  spec.equal(metric.confusion_matrix(predictions, labels, { ignore_index = 0 }), { { 1, 1 }, { 0, 1 } })
  spec.near(metric.top_k_accuracy(mb.tensor { { 1.0, 0.0 }, { 1.0, 0.0 } }, mb.tensor { 0, 1 }, { 1 }, { ignore_index = 0 }), 1)
end)

test("an accuracy of no row is NaN", function()
  local none = mb.zeros({ 0 }, "int32")
  spec.near(metric.accuracy(none, none), 0 / 0)
  spec.near(metric.accuracy(mb.zeros(0, 3), none), 0 / 0)
  spec.near(metric.accuracy(mb.tensor { 1 }, mb.tensor { 0 }, { ignore_index = 0 }), 0 / 0)
end)

for number, case in ipairs(cases.top_k) do
  test("labels are among the best k as in scikit-learn, " .. number, function()
    spec.near({ metric.top_k_accuracy(mb.tensor(case.scores), mb.tensor(case.labels), case.k) }, case.accuracy, 1e-12)
  end)
end

test("of equal scores the first class counts as larger", function()
  local scores = mb.tensor { { 0.5, 0.5, 0.5 }, { 0.5, 0.5, 0.5 } }
  spec.near({ metric.top_k_accuracy(scores, mb.tensor { 1, 2 }, { 1, 2, 3 }) }, { 0.5, 1, 1 })
  local broken = mb.tensor { { 0 / 0, 0.5, 0.1 } }
  spec.near({ metric.top_k_accuracy(broken, mb.tensor { 2 }, { 1, 2 }) }, { 0, 1 })
end)

for _, section in ipairs { "binary", "ranked", "many" } do
  for number, case in ipairs(cases[section]) do
    test("rankings are measured as in scikit-learn, " .. section .. " " .. number, function()
      local scores, truths = mb.tensor(case.scores), mb.tensor(case.truths or case.labels)
      spec.near(metric.auroc(scores, truths), case.auroc, 1e-6)
      spec.near(metric.average_precision(scores, truths), case.average_precision, 1e-6)
      if section == "binary" then
        -- Labels 1 and 2, of which 2 is true.
        spec.near(metric.auroc(scores, truths:cast("int32") + 1), case.auroc, 1e-6)
      end
    end)
  end
end

for number, case in ipairs(cases.groups) do
  test("groupings are compared as in scikit-learn, " .. number, function()
    local left, right = mb.tensor(case.left), mb.tensor(case.right)
    for _, average in ipairs { "arithmetic", "geometric", "min", "max" } do
      spec.near(metric.nmi(left, right, { average = average }), case[average], 1e-12)
    end
    spec.near(metric.ari(left, right), case.ari, 1e-12)
    spec.near(metric.ari(right, left), case.ari, 1e-12)
  end)
end

test("metrics tell what does not fit", function()
  local function fails(text, name, ...)
    local given = table.pack(...)
    spec.fails(text, function() return metric[name](table.unpack(given, 1, given.n)) end)
  end
  local scores, labels = mb.zeros(3, 2), mb.tensor { 1, 2, 1 }
  fails("accuracy: wants labels [3], as the predictions, got shape [2]", "accuracy", scores, mb.tensor { 1, 2 })
  fails("accuracy: label 3 is out of range: there are 2 classes", "accuracy", scores, mb.tensor { 1, 3, 1 })
  fails("accuracy: label 0 is out of range: classes count from 1", "accuracy", labels, mb.tensor { 0, 1, 1 })
  fails("accuracy: wants an int32 tensor, got float32", "accuracy", scores, mb.zeros(3))
  fails("accuracy: wants scores [rows, classes], or ints of predicted classes, got shape [3]", "accuracy", mb.zeros(3), labels)
  fails("accuracy: unknown average 'mean'; there are: micro, macro", "accuracy", scores, labels, { average = "mean" })
  fails("confusion_matrix: label 2 is out of range: there are 1 classes", "confusion_matrix", labels, labels, { classes = 1 })
  fails("confusion_matrix: predicted class 3 is out of range: there are 2 classes", "confusion_matrix", mb.tensor { 3, 1 }, mb.tensor { 2, 1 }, { classes = 2 })
  fails("confusion_matrix: takes ", "confusion_matrix", mb.tensor { 1000000000 }, mb.tensor { 1 })
  fails("top_k_accuracy: k must be from 1 to the 2 classes, got 3", "top_k_accuracy", scores, labels, { 1, 3 })
  fails("top_k_accuracy: wants scores [rows, classes], got shape [3]", "top_k_accuracy", labels, labels, { 1 })
  fails("auroc: there is no untrue row among the labels, so it is not defined", "auroc", mb.zeros(2), mb.tensor { true, true })
  fails("auroc: there is no untrue row of class 1 among the labels", "auroc", mb.zeros(2, 2), mb.tensor { 1, 1 })
  fails("average_precision: there is no true row among the labels", "average_precision", mb.zeros(2), mb.tensor { false, false })
  fails("auroc: scores must be numbers, got NaN", "auroc", mb.tensor { 0 / 0, 1.0 }, mb.tensor { true, false })
  fails("auroc: wants labels [2], got shape [3]", "auroc", mb.zeros(2), labels)
  fails("nmi: [3] and [2] do not fit: it wants a group for each row", "nmi", labels, mb.tensor { 1, 2 })
  fails("ari: wants an int32 tensor, got float32", "ari", mb.zeros(3), labels)
  fails("f1: unknown option 'avrage'; did you mean 'average'?", "f1", labels, labels, { avrage = "macro" })
end)

test("classes of large numbers take no more room than there are of them", function()
  local predicted, labels = mb.tensor { 1000000, 1 }, mb.tensor { 1, 1 }
  spec.near(metric.f1(predicted, labels), 1 / 3)
  spec.near({ metric.precision(predicted, labels), metric.recall(predicted, labels) }, { 0.5, 0.25 })
  local precision, _, _, support = metric.precision_recall_f1(predicted, labels)
  spec.equal({ #precision, precision[1]:item(), support[1]:item(), support[1000000]:item() }, { 1000000, 1, 2, 0 })
  spec.near(metric.accuracy(mb.tensor { 1000000, 1 }, mb.tensor { 1000000, 2 }, { average = "macro" }), 0.5)
end)
