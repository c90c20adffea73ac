-- Two optimizers of different rules, with groups, clipping and schedules of their own, dropout, an average of weights, and a
-- run away on the way.
local mb = require "moonburn"

local experiment = {
  options = { steps = 40, rule = "adam", runaway = 21, stop = 0 },
  recover = { rewind = 6, lr = 0.5, times = 1 },
  checkpoint = { every = 7 },
}

-- The loss is infinite once, and not again after the run was taken back.
local has_run_away = false

-- Hyperparameters that make a rule keep all that it can.
local RULES = {
  sgd     = { lr = 0.05, momentum = 0.9, nesterov = true },
  adam    = { lr = 0.02, betas = { 0.8, 0.95 }, weight_decay = 0.01 },
  adamw   = { lr = 0.02 },
  rmsprop = { lr = 0.02, momentum = 0.5, centered = true },
  adagrad = { lr = 0.1, lr_decay = 0.01, initial_accumulator_value = 0.1 },
  lars    = { lr = 1.0 },
  lamb    = { lr = 0.02 },
  lion    = { lr = 0.01, weight_decay = mb.schedule.linear(0.1, 0.5) },
  sam     = { lr = 0.02 },
  lookahead = { lr = mb.schedule.constant(0.02):warmup(4) },
  of      = {
    lr = function(step, total) return 0.05 * (1 - step / (total + 1)) end,
    hyperparameters = { beta = mb.schedule.linear(0.5, 0.9) },
    init = function(p) return { velocity = mb.zeros_like(p), count = 0 } end,
    update = function(g, s, _, o)
      local velocity = s.velocity * o.beta + g
      return velocity / (1 + s.count / 40), { velocity = velocity, count = s.count + 1 }
    end,
  },
}

-- What is put around another rule.
local WRAPPED = {
  sam       = function(first) return mb.optim.sam(mb.optim.adam(first), { rho = 0.02 }) end,
  lookahead = function(first) return mb.optim.lookahead(mb.optim.adamw(first), { steps = 4 }) end,
}

function experiment.setup(session, o)
  session.encoder = mb.nn.sequential { mb.nn.linear(3, 7), mb.nn.batch_norm(7), mb.nn.relu(), mb.nn.dropout(0.2) }
  session.average = session.encoder:copy():freeze():eval()
  session.head    = mb.nn.linear(7, 2)
  local first     = { parameters = { "encoder" }, clip_norm = 0.5, groups = { { name = "plain", roles = { "bias", "norm" }, lr = mb.schedule.linear(0.03, 0) } } }
  for name, value in pairs(RULES[o.rule]) do first[name] = value end
  session.optimizer      = (WRAPPED[o.rule] or mb.optim[o.rule])(first)
  session.head_optimizer = mb.optim.adamw { lr = 0.01, weight_decay = 0.1, parameters = { "head" }, clip_value = 0.05, groups = { { name = "bias", parameters = { "head.bias" }, weight_decay = 0 } } }
end

function experiment.train(session, o)
  for step in session:steps() do
    session:update(function()
      local x = mb.randn(5, 3)
      local loss = ((session.head(session.encoder(x)) - x:slice(2, 1, 2)) ^ 2):mean()
      if step == o.runaway and not has_run_away then
        has_run_away, loss = true, loss / 0
      end
      return loss
    end)
    session.average:ema_update(session.encoder, 0.9, { buffers = true })
    if step == o.stop then mb.stop() end
  end
end

return experiment
