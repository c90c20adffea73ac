-- Numbers for every step, and what is said of those that are none.
local mb = require "moonburn"
local plateau = require "moonburn.plateau"
local weight_average = require "moonburn.weight_average"
local reference = require "fixtures.plateau"
local spec = require "spec"
local test, schedule = spec.test, mb.schedule

local function values(of, total)
  local found = {}
  for step = 1, total do found[step] = of:at(step, total) end
  return found
end

test("a function counts steps from 1 and may stand in any schedule", function()
  local seen = {}
  local function of(step, total)
    seen[#seen + 1] = { step, total }
    return step * 10
  end
  spec.equal(values(schedule.piecewise({ of, 7 }, { 3 }), 4), { 10, 20, 30, 7 })
  spec.equal(seen, { { 1, 3 }, { 2, 3 }, { 3, 3 } })
end)

test("a warm-up comes before any schedule, and before one that has one", function()
  spec.equal(values(schedule.constant(1):warmup(3), 5), { 0.25, 0.5, 0.75, 1, 1 })
  spec.equal(values(schedule.constant(1):warmup(2, { from = 0.5 }):warmup(1), 4), { 0.25, 0.5, 0.75, 1 })
  spec.equal(values(schedule.step(1, { every = 0.5, factor = 0.5 }):warmup(0), 4), { 1, 1, 0.5, 0.5 })
end)

test("a schedule that makes no sense is told", function()
  spec.fails("step: every must be given, got nothing", function() return schedule.step(1, { factor = 0.5 }) end)
  spec.fails("step: every must be more than 0, got 0", function() return schedule.step(1, { every = 0 }) end)
  spec.fails("multi_step: milestones[2] must be a share from 0 to 1 or a whole number of steps, got 2.5", function() return schedule.multi_step(1, { milestones = { 1, 2.5 } }) end)
  spec.fails("exponential: unknown option 'gamma'", function() return schedule.exponential(1, { gamma = 0.9 }) end)
  spec.fails("one_cycle: pct_start must be from 0 to 1, got 2", function() return schedule.one_cycle(1, { pct_start = 2 }) end)
  spec.fails("one_cycle: unknown anneal 'cos'", function() return schedule.one_cycle(1, { anneal = "cos" }) end)
  spec.fails("piecewise: the number of boundaries must be one fewer than the 2 parts, got 2", function() return schedule.piecewise({ 1, 2 }, { 3, 4 }) end)
  spec.fails("piecewise: boundaries[2] must be no earlier than those before it, got 3", function() return schedule.piecewise({ 1, 2, 3 }, { 4, 3 }) end)
  spec.fails("piecewise: boundaries[3] must be no earlier than those before it, got 0.25", function() return schedule.piecewise({ 1, 2, 3, 4 }, { 0.5, 7, 0.25 }) end)
  spec.equal(schedule.piecewise({ 1, 2, 3 }, { 4, 4 }):at(5, 9), 3)
  spec.fails("exponential: factor must be a number of at least 0, got -0.5", function() return schedule.exponential(1, { factor = -0.5 }) end)
  spec.fails("piecewise: parts[2] must be a number, a schedule or a function, got the string 'x'", function() return schedule.piecewise({ 1, "x" }, { 3 }) end)
  spec.fails("schedule: the returned value must be a number, got nothing", function() return schedule.piecewise({ function() end }, {}):at(1, 3) end)
  spec.fails("schedule: the returned value must be finite, got inf", function() return schedule.piecewise({ function() return 1 / 0 end }, {}):at(1, 3) end)
  spec.fails("out of cheese", function() return schedule.piecewise({ function() error "out of cheese" end }, {}):at(1, 3) end)
end)

test("a plateau's learning rate is PyTorch's", function()
  for _, case in ipairs(reference) do
    local session = { state = {} }
    local o = { lr = 0.3 }
    for name, value in pairs(case.options) do o[name] = value end
    local lr = plateau.new(session, "plateau", o)
    spec.near(lr.lr(1, 60), 0.3)
    for position, value in ipairs(reference.values) do
      spec.near(lr.observe(value), case.rates[position])
      -- What has been seen is in the state alone.
      lr = plateau.new(session, "plateau", o)
    end
  end
  spec.fails("plateau: unknown option 'patiance'", function() return plateau.new({ state = {} }, "a", { lr = 1, patiance = 3 }) end)
  spec.fails("plateau: lr must be a number of at least 0, got nil", function() return plateau.new({ state = {} }, "a", {}) end)
  for name, wrong in pairs { lr = -1, factor = 1, patience = 2.5, threshold = "1", cooldown = -1, min_lr = 0 / 0, max_lr = 0 / 0, threshold_mode = "relative" } do
    local o = { lr = 1 }
    o[name] = wrong
    spec.fails(("plateau: %s must be "):format(name), function() return plateau.new({ state = {} }, "a", o) end)
  end
  local from_infinity = plateau.new({ state = {} }, "loss", { lr = 1, patience = 0 })
  from_infinity.observe(math.huge)
  spec.equal({ from_infinity.observe(1), from_infinity.observe(0.5) }, { 1, 1 })
  local rising = plateau.new({ state = {} }, "momentum", { lr = 0.9, factor = 1.05, patience = 0, max_lr = 0.99 })
  local risen = {}
  for position = 1, 4 do risen[position] = rising.observe(1) end
  spec.near(risen, { 0.9, 0.945, 0.99, 0.99 })
  spec.fails("plateau: mode must be 'min' or 'max', got 'least'", function() return plateau.new({ state = {} }, "a", { lr = 1, mode = "least" }) end)
end)

test("averages of weights are the mean of those that count, and what the decay says", function()
  local model = mb.nn.batch_norm(1):realise "model"
  local mean, moving = model:copy(), model:copy()
  local sum, count, want = 0, 0, 0
  for step = 1, 9 do
    -- The running mean is all that moves: 0.9 of it stays, and 0.1 of the batch's comes.
    model(mb.full({ 4, 1 }, step))
    local now = model:state().running_mean:item()
    if step >= 4 and (step - 4) % 2 == 0 then sum, count = sum + now, count + 1 end
    local decay = math.min(0.5, (1 + step) / (10 + step))
    want = decay * want + (1 - decay) * now
    weight_average.swa(mean, model, step, { from = 4, every = 2 })
    weight_average.ema(moving, model, 0.5, step)
    if count > 0 then spec.near(mean:state().running_mean:item(), sum / count, 1e-6) end
    spec.near(moving:state().running_mean:item(), want, 1e-6)
  end
  spec.equal(count, 3)
end)

test("a momentum that cycles against the rate begins and ends where the rate is low, as PyTorch's OneCycleLR", function()
  local rate = mb.schedule.one_cycle(0.1)
  local momentum = mb.schedule.one_cycle(0.85, { div_factor = 0.85 / 0.95, final_div_factor = 1 })
  spec.near({ momentum:at(1, 100), momentum:at(30, 100), momentum:at(100, 100) }, { 0.95, 0.85, 0.95 })
  spec.near(rate:at(30, 100), 0.1)
end)
