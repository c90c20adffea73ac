-- The losses of two views against values and gradients of PyTorch, computed by tests/reference/losses.py, and what they
-- refuse.
local mb = require "moonburn"
local spec = require "spec"
local cases = require "fixtures.losses"
local test = spec.test

local function loss_of(name) return require("moonburn.losses." .. name).loss end

local arguments = {
  info_nce = { "query", "key", "queue" },
  barlow_twins = { "a", "b" },
  simsiam = { "p1", "p2", "z1", "z2" },
  swav = { "a", "b" },
}

for loss, names in pairs(arguments) do
  for _, case in ipairs(cases[loss]) do
    test(loss .. ": " .. case.name, function()
      local inputs, given = {}, {}
      for i, name in ipairs(names) do
        inputs[name] = mb.tensor(case.inputs[name]):requires_grad()
        given[i] = inputs[name]
      end
      given[#given + 1] = next(case.options) and case.options
      local value = loss_of(loss)(table.unpack(given))
      spec.near(value:item(), case.loss, 2e-5)
      local gradients = mb.grad(value, inputs)
      for _, name in ipairs(names) do spec.near(gradients[name], case.grads[name], 5e-5) end
    end)
  end

  test(loss .. " refuses what are no two views of the same images", function()
    local function fails(text, ...)
      local given = table.pack(...)
      for i = 3, #names do given[i] = given[i] or given[i - 2] end
      spec.fails(loss .. ": " .. text, function() return loss_of(loss)(table.unpack(given)) end)
    end
    fails("shapes differ: [4, 5] and [3, 5]", mb.randn(4, 5), mb.randn(3, 5))
    fails("shapes differ: [4, 5] and [4, 1]", mb.randn(4, 5), mb.randn(4, 1))
    fails("shapes differ: [4, 5] and [2, 4, 5]", mb.randn(4, 5), mb.randn(2, 4, 5))
    fails("wants rows [N, d], got shape [2, 4, 5]", mb.randn(2, 4, 5), mb.randn(2, 4, 5))
  end)
end

for loss, option in pairs { info_nce = "temperature", barlow_twins = "lambda", swav = "temperature" } do
  test(("%s refuses a %s that is not over 0, and an option that is none"):format(loss, option), function()
    local rows = mb.randn(4, 5)
    local function call(options)
      if loss == "info_nce" then return loss_of(loss)(rows, rows, rows, options) end
      return loss_of(loss)(rows, rows, options)
    end
    for _, value in ipairs { 0, -1, 0 / 0, math.huge, "0.1" } do
      spec.fails(("%s: %s must be a number over 0"):format(loss, option), function() return call { [option] = value } end)
    end
    spec.fails(loss .. ": unknown option 'weight'", function() return call { weight = 1 } end)
  end)
end

test("info_nce refuses a queue of another width", function()
  local rows = mb.randn(4, 5)
  local function fails(queue)
    spec.fails("info_nce: wants a queue [K, 5], got shape", function() return loss_of "info_nce" (rows, rows, queue) end)
  end
  fails(mb.randn(8, 4))
  fails(mb.randn(5))
end)

test("info_nce does not depend on how long the embeddings are", function()
  local query, key, queue = mb.randn(4, 5), mb.randn(4, 5), mb.randn(9, 5)
  local info_nce = loss_of "info_nce"
  spec.near(info_nce(3 * query, 0.1 * key, 7 * queue):item(), info_nce(query, key, queue):item())
end)

test("barlow_twins refuses a single row", function()
  spec.fails("barlow_twins: wants at least 2 rows to correlate over, got 1", function() return loss_of "barlow_twins" (mb.randn(1, 5), mb.randn(1, 5)) end)
end)

test("swav refuses one row and one prototype, whose assignments do not depend on the scores", function()
  local function fails(text, rows, prototypes)
    local scores = mb.randn(rows, prototypes)
    spec.fails("swav: " .. text, function() return loss_of "swav" (scores, scores) end)
  end
  fails("wants at least 2 rows, since one alone is spread evenly whatever its scores, got 1", 1, 5)
  fails("wants at least 2 prototypes, since with one the loss is always 0, got 1", 4, 1)
end)

test("a feature that is constant correlates with none, and gives a finite gradient", function()
  local barlow_twins = require "moonburn.losses.barlow_twins"
  local a = mb.cat({ mb.randn(6, 2), mb.ones(6, 1) }, 2):requires_grad()
  spec.equal(barlow_twins.correlation(a, a):index(1, 3), { 0, 0, 0 })
  local gradient = mb.grad(barlow_twins.loss(a, a), { a })[1]
  spec.holds(gradient:abs():sum():item() < math.huge)
end)

test("views that are the same correlate perfectly, and SimSiam's loss of them is -1", function()
  local a = mb.randn(8, 1)
  spec.near(loss_of "barlow_twins" (a, 2 * a + 1):item(), 0)
  local z = mb.randn(8, 5)
  spec.near(loss_of "simsiam" (z, z, z, z):item(), -1)
end)

for _, case in ipairs(cases.swav) do
  test("swav assigns as PyTorch: " .. case.name, function()
    local options = { epsilon = case.options.epsilon, iterations = case.options.iterations }
    spec.near(require "moonburn.losses.swav".assign(mb.tensor(case.inputs.a), options), case.assigned, 2e-5)
  end)
end

test("many iterations of Sinkhorn and Knopp spread a batch evenly over prototypes, whatever the scores", function()
  local assign = require "moonburn.losses.swav".assign
  for _, scale in ipairs { 1, 100 } do
    local scores = scale * mb.randn(12, 5)
    local assigned = assign(scores, { epsilon = scale / 2, iterations = 100 })
    spec.near(assigned:sum(1), mb.full({ 5 }, 12 / 5), 1e-3)
    spec.near(assigned:sum(2), mb.ones(12), 1e-5)
  end
  spec.near(assign(1000 * mb.randn(12, 5)):sum(2), mb.ones(12), 1e-5)
end)

test("swav refuses iterations that are none", function()
  for _, iterations in ipairs { 0, -1, 1.5, "3" } do
    spec.fails("swav: iterations must be an integer over 0", function() return require "moonburn.losses.swav".assign(mb.randn(4, 3), { iterations = iterations }) end)
  end
end)

test("swav of several views is the mean over pairs of an assigned view and any other", function()
  local swav = require "moonburn.losses.swav"
  local views, scores = 4, mb.randn(4 * 6, 3):requires_grad()
  local parts ---@type any
  for assigned = 1, views do
    local sum, pairs_ = 0, 0 ---@type any, integer
    parts = scores:chunk(views, 1)
    for i = 1, assigned do
      for v = 1, views do
        if v ~= i then
          sum = sum - (swav.assign(parts[i]) * (parts[v] / 0.1):log_softmax(2)):sum(2):mean()
          pairs_ = pairs_ + 1
        end
      end
    end
    local loss = swav.multi_crop(scores, { views = views, assigned = assigned })
    spec.near(loss, sum / pairs_, 1e-5)
    spec.near(mb.grad(loss, { scores })[1], mb.grad(sum / pairs_, { scores })[1], 1e-4)
  end
  spec.near(swav.multi_crop(mb.cat { parts[1], parts[2] }), swav.loss(parts[1], parts[2]))
end)

test("swav of several views refuses counts that do not fit", function()
  local swav = require "moonburn.losses.swav"
  local function fails(text, options) spec.fails("swav: " .. text, function() return swav.multi_crop(mb.randn(12, 3), options) end) end
  fails("wants scores [5 · N, K], got shape [12, 3]", { views = 5 })
  fails("views must be an integer over 1, got 1", { views = 1 })
  fails("assigned must be an integer from 1 to 3, got 4", { views = 3, assigned = 4 })
  fails("assigned must be an integer from 1 to 3, got 0", { views = 3, assigned = 0 })
  fails("wants at least 2 rows", { views = 12 })
  fails("unknown option 'crops'", { crops = 2 })
  fails("temperature must be a number over 0, got 0", { temperature = 0 })
end)
