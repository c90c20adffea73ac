-- Ten steps of an optimizer that wraps another one, or is the script's own, against PyTorch's.
local mb = require "moonburn"
local reference = require "fixtures.wrapped_optimizers"

local experiment = { options = { steps = 10, rule = "sam", by = "function" } }

-- Adam (Kingma and Ba, 2015), in Lua.
local function adam(lr, betas, eps)
  return mb.optim.of {
    lr = lr,
    hyperparameters = { beta1 = betas[1], beta2 = betas[2], eps = eps },
    init = function(p) return { mu = mb.zeros_like(p), nu = mb.zeros_like(p), count = 0 } end,
    update = function(g, s, _, o)
      local mu, nu = o.beta1 * s.mu + (1 - o.beta1) * g, o.beta2 * s.nu + (1 - o.beta2) * g * g
      local count = s.count + 1
      local step = mu / (1 - o.beta1 ^ count) / ((nu / (1 - o.beta2 ^ count)):sqrt() + o.eps)
      return step, { mu = mu, nu = nu, count = count }
    end,
  }
end

local optim, schedule = mb.optim, mb.schedule
local rules = {
  sam            = function() return optim.sam(optim.sgd { lr = 0.2, momentum = 0.9 }, { rho = 0.1 }) end,
  sam_adam       = function() return optim.sam(optim.adam { lr = 0.05 }) end,
  asam           = function() return optim.sam(optim.sgd { lr = 0.2 }, { rho = 0.5, adaptive = true }) end,
  lookahead      = function() return optim.lookahead(optim.sgd { lr = 0.2, momentum = 0.9 }, { steps = 3, alpha = 0.7 }) end,
  lookahead_adam = function() return optim.lookahead(adam(0.05, { 0.9, 0.999 }, 1e-8)) end,
  scheduled      = function()
    return optim.adamw { lr = function(step, total) return 0.1 * (1 - (step - 1) / total) end, weight_decay = schedule.cosine(0.04, 0.5) }
  end,
}

function experiment.setup(session, o)
  local first, second = mb.tensor(reference.first), mb.tensor(reference.second)
  session.model = mb.nn.module {
    first   = mb.nn.parameter({ 5, 3 }, { value = 0.5 }),
    second  = mb.nn.parameter({ 2, 5 }, { value = 0.5 }),
    forward = function(self, x) return (x:matmul((self.first * first):t())):tanh():matmul((self.second * second):t()) end,
  }
  session.optimizer = rules[o.rule]()
end

function experiment.train(session, o)
  local x, y = mb.tensor(reference.x), mb.tensor(reference.y)
  local function loss() return ((session.model(x) - y) ^ 2):mean() end
  for step in session:steps() do
    if o.by == "function" then
      session:update(loss)
    else
      loss():backward()
      session.optimizer:step()
    end
    for position, name in ipairs { "first", "second" } do
      local want = mb.tensor(reference[o.rule][step][position])
      local off = (session.model[name] - want):abs():max():item()
      assert(off < 1e-6 * math.max(1, want:abs():max():item()), ("step %d: %s is off by %g"):format(step, name, off))
    end
  end
end

return experiment
