local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local COUNT = 20000

-- Mean and variance within five standard errors of what they are to be; a fourth moment of up to 9 variances² is allowed for.
local function moments(drawn, mean, variance)
  local off = drawn - mean
  spec.near(off:mean():item(), 0, 5 * math.sqrt(variance / COUNT))
  spec.near(off:square():mean():item() / variance, 1, 5 * math.sqrt(9 / COUNT))
end

test("distributions have their moments", function()
  moments(mb.normal(3, 0.5, COUNT), 3, 0.25)
  moments(mb.uniform(-2, 4, COUNT), 1, 3)
  moments(mb.bernoulli(0.3, COUNT), 0.3, 0.21)
  moments(mb.exponential(2, COUNT), 0.5, 0.25)
  moments(mb.gumbel(COUNT), 0.5772157, math.pi ^ 2 / 6)
  moments(mb.gamma(0.7, COUNT), 0.7, 0.7)
  moments(mb.gamma(9.5, COUNT), 9.5, 9.5)
  moments(mb.beta(0.4, 0.4, COUNT), 0.5, 0.25 / 1.8)
  moments(mb.beta(2, 6, COUNT), 0.25, 0.1875 / 9)
  moments(mb.randint(-3, 8, COUNT):cast("float32"), 2.5, (12 ^ 2 - 1) / 12)
  -- Cut at one standard deviation on each side.
  moments(mb.truncated_normal({ COUNT }, { mean = 1, std = 2, min = -1, max = 3 }), 1, 4 * 0.2911251)
  -- A tail, whose mean is φ(3) / (1 − Φ(3)).
  moments(mb.truncated_normal({ COUNT }, { min = 3, max = 1 / 0 }), 3.2830986, 0.0707)
  local rows = mb.dirichlet(mb.tensor { 1.0, 2.0, 5.0 }, COUNT)
  moments(rows:slice(2, 2, 2), 0.25, 0.1875 / 9)
  spec.near(rows:sum(-1), mb.ones(COUNT))
end)

-- √n times the largest distance of a sample's distribution from the one it is drawn from (Kolmogorov and Smirnov): over
-- 1.95 once in a thousand times.
local function distance(drawn, distribution)
  local values = drawn:to_table()
  table.sort(values)
  local count = #values
  local places = mb.range(1, count):cast("float32")
  local want = distribution(mb.tensor(values))
  local most = (want - (places - 1) / count):maximum(places / count - want):max():item()
  return most * math.sqrt(count)
end

local function normal(x) return (-x / math.sqrt(2)):erfc() / 2 end

test("samples are those of their distributions", function()
  local function follows(drawn, distribution) spec.holds(distance(drawn, distribution) < 1.95) end
  follows(mb.uniform(-2, 4, COUNT), function(x) return (x + 2) / 6 end)
  follows(mb.exponential(3, COUNT), function(x) return -(-3 * x):expm1() end)
  follows(mb.gumbel(COUNT), function(x) return (-(-x):exp()):exp() end)
  follows(mb.normal(1, 2, COUNT), function(x) return normal((x - 1) / 2) end)
  follows(mb.gamma(0.5, COUNT), function(x) return x:sqrt():erf() end)
  follows(mb.gamma(3, COUNT), function(x) return 1 - (-x):exp() * (1 + x + x * x / 2) end)
  follows(mb.beta(2, 1, COUNT), function(x) return x * x end)
  follows(mb.beta(0.5, 0.5, COUNT), function(x) return x:sqrt():asin() * (2 / math.pi) end)
  local low, high = normal(mb.tensor(-0.5)), normal(mb.tensor(2.0))
  follows(mb.truncated_normal({ COUNT }, { min = -0.5, max = 2 }), function(x) return (normal(x) - low) / (high - low) end)
  local tail = normal(mb.tensor(-3.0))
  follows(mb.truncated_normal({ COUNT }, { min = 3, max = 1 / 0 }), function(x) return 1 - normal(-x) / tail end)
end)

test("values stay within their range", function()
  local cut = mb.truncated_normal({ COUNT }, { std = 0.1, min = -0.03, max = 0.05 })
  spec.holds(cut:min():item() >= -0.03 and cut:max():item() <= 0.05)
  local uniform = mb.uniform(1, 1.0000002, COUNT)
  spec.holds(uniform:min():item() >= 1 and uniform:max():item() < 1.0000002)
  spec.equal(mb.uniform(2, 2, 3), { 2, 2, 2 })
  local rolled = mb.randint(1, 6, COUNT)
  spec.equal({ rolled:min():item(), rolled:max():item() }, { 1, 6 })
  spec.equal(rolled.dtype, "int32")
  spec.equal(mb.randint(4, 4, 2), { 4, 4 })
  local whole = mb.randint(-2147483648, 2147483647, COUNT)
  spec.holds(whole:min():item() < -2e9 and whole:max():item() > 2e9)
  spec.equal(mb.bernoulli(0, 100):sum():item(), 0)
  spec.equal(mb.bernoulli(1, 100):sum():item(), 100)
  spec.equal(mb.normal(5, 0, 2), { 5, 5 })
end)

test("parameters are numbers or tensors, which broadcast", function()
  spec.equal(mb.normal(mb.zeros(3, 1), mb.ones(4)).shape, { 3, 4 })
  spec.equal(mb.normal(mb.tensor { 1.0, 100.0 }, 0), { 1, 100 })
  spec.equal(mb.uniform(0, 1).shape, {})
  spec.equal(mb.beta(mb.ones(2), 3, 5, 2).shape, { 5, 2 })
  spec.equal(mb.gamma(mb.tensor { 1.0, 2.0 }).shape, { 2 })
  spec.equal(mb.dirichlet(mb.ones(2, 3)).shape, { 2, 3 })
  spec.equal(mb.dirichlet(mb.ones(3), { 4, 5 }).shape, { 4, 5, 3 })
  local means = mb.normal(mb.tensor { -9.0, 9.0 }, 1, 1000, 2):mean(1)
  spec.near(means, { -9, 9 }, 0.05)
  spec.equal(mb.tensor({ 0.0, 1.0, 1.0 }):bernoulli(), { 0, 1, 1 })
end)

test("draws of multinomial follow the weights, again and again or each once", function()
  local weights = mb.tensor { 1.0, 0.0, 3.0, 6.0 }
  local drawn = weights:multinomial(COUNT, { replacement = true })
  local shares = drawn:one_hot(4):mean(1)
  spec.near(shares, { 0.1, 0, 0.3, 0.6 }, 0.02)
  local orders = weights:expand(4000, 4):multinomial(3)
  spec.equal(orders.shape, { 4000, 3 })
  spec.equal(orders:eq(2):sum():item(), 0)
  -- Every position but the second, once in each row.
  spec.equal(orders:sum(2), mb.full({ 4000 }, 8, "int32"))
  local first = orders:slice(2, 1, 1):reshape(4000):one_hot(4):mean(1)
  spec.near(first, { 0.1, 0, 0.3, 0.6 }, 0.05)
  -- The first is 4 and the second 3: 0.6 · 0.3 / 0.4.
  local is_so = orders:slice(2, 1, 1):eq(4):logical_and(orders:slice(2, 2, 2):eq(3))
  spec.near(is_so:cast("float32"):mean():item(), 0.45, 0.05)
end)

test("the largest of logits plus Gumbel numbers is a draw by their softmax", function()
  local logits = mb.tensor { 0.0, 1.0, 2.0 }
  local shares = (logits + mb.gumbel(COUNT, 3)):argmax(-1):one_hot(3):mean(1)
  spec.near(shares, logits:softmax(), 0.02)
end)

test("every call draws anew, and a like draws as its namesake", function()
  for _, draw in ipairs {
    function() return mb.normal(0, 1, 8) end, function() return mb.uniform(0, 1, 8) end,
    function() return mb.gamma(2, 8) end, function() return mb.beta(2, 2, 8) end,
    function() return mb.gumbel(8) end, function() return mb.exponential(1, 8) end,
    function() return mb.truncated_normal { 8 } end, function() return mb.dirichlet(mb.ones(8)) end,
    function() return mb.randint(1, 1000000, 8) end, function() return mb.rand_like(mb.zeros(8)) end,
    function() return mb.randn_like(mb.zeros(8)) end,
  } do
    spec.holds(not draw():equal(draw()))
  end
end)

test("random tensors have no gradient", function()
  local leaf = mb.tensor({ 1.0, 2.0 }):requires_grad()
  spec.equal(mb.grad((leaf + mb.normal(leaf, 1)):sum(), { leaf })[1], { 1, 1 })
end)

test("parameters out of their range are told with the value", function()
  spec.fails("normal: std must be at least 0, got -1", function() return mb.normal(0, -1, 2) end)
  spec.fails("normal: mean must be a finite number, got NaN", function() return mb.normal(0 / 0, 1, 2) end)
  spec.fails("uniform: low must be at most high, 1, got 2", function() return mb.uniform(2, 1, 2) end)
  spec.fails("bernoulli: p must be from 0 to 1, got 1.5", function() return mb.bernoulli(1.5, 2) end)
  spec.fails("bernoulli: p must be from 0 to 1, got -2", function() return mb.tensor({ 0.5, -2 }):bernoulli() end)
  spec.fails("exponential: rate must be over 0, got 0", function() return mb.exponential(0, 2) end)
  spec.fails("gamma: shape must be over 0, got -1", function() return mb.gamma(mb.tensor { 1.0, -1.0 }) end)
  spec.fails("beta: b must be over 0, got 0", function() return mb.beta(1, 0) end)
  spec.fails("dirichlet: concentration must be over 0, got 0", function() return mb.dirichlet(mb.zeros(2)) end)
  spec.fails("dirichlet: wants one dim or more, got shape []", function() return mb.dirichlet(mb.tensor(1.0)) end)
  spec.fails("randint: first must be at most last, 1, got 2", function() return mb.randint(2, 1, 2) end)
  spec.fails("randint: last must be within 32 bits, got 3000000000", function() return mb.randint(1, 3000000000, 2) end)
  spec.fails("truncated_normal: min must be below max, 1, got 1", function()
    return mb.truncated_normal({ 2 }, { min = 1, max = 1 })
  end)
  spec.fails("truncated_normal: min must be such that the distribution reaches between min and max, got 50", function()
    return mb.truncated_normal({ 2 }, { min = 50, max = 60 })
  end)
  spec.fails("truncated_normal: std must be a number over 0, got 0", function() return mb.truncated_normal({ 2 }, { std = 0 }) end)
  spec.fails("normal: [3] and [2] do not fit: a parameter broadcasts to the sizes", function()
    return mb.normal(mb.zeros(3), 1, 2)
  end)
  spec.fails("normal: shapes differ: [3] and [2]", function() return mb.normal(mb.zeros(3), mb.ones(2)) end)
end)

test("weights of multinomial are told where they do not do", function()
  local function fails(text, weights, ...)
    local more = table.pack(...)
    spec.fails("multinomial: " .. text, function() return mb.tensor(weights):multinomial(table.unpack(more, 1, more.n)) end)
  end
  fails("a weight must be finite and at least 0, got -1", { 1.0, -1.0 }, 1)
  fails("a weight must be finite and at least 0, got NaN", { 1.0, 0 / 0 }, 1)
  fails("a row has 1 weights over 0, and 2 are wanted", { 1.0, 0.0 }, 2)
  fails("a row has 0 weights over 0, and 1 are wanted", { 0.0, 0.0 }, 2, { replacement = true })
  fails("wants weights [n] or [rows, n], got shape []", 1.0, 1)
  fails("wants a float32 tensor, got int32", { 1, 2 }, 1)
end)
