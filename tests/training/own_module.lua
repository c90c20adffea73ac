-- A module of one's own with all that one can have: parts in a list and by name, buffers of two dtypes, methods, layers
-- whose weight is computed, beginnings of its own, and a copy that follows; with a run away on the way.
local mb = require "moonburn"

local experiment = {
  options = { steps = 40, runaway = 0, stop = 0, looks = 0 },
  recover = { rewind = 6, lr = 0.5, times = 1 },
  checkpoint = { every = 7 },
}

local has_run_away = false

local function network()
  return mb.nn.module {
    blocks = { mb.nn.weight_norm(mb.nn.linear(3, 5)), mb.nn.spectral_norm(mb.nn.linear(5, 5)) },
    heads = { short = mb.nn.linear(5, 2), long = mb.nn.linear(5, 4) },
    scale = mb.nn.parameter(mb.tensor { 0.5, 2 }),
    center = mb.nn.buffer { 2 },
    count = mb.nn.buffer(mb.tensor { 0 }),
    encode = function(self, x)
      for _, block in ipairs(self.blocks) do x = block(x):tanh() end
      return x
    end,
    forward = function(self, x)
      local y = self.scale * self.heads.short(self:encode(x))
      if self.training then
        self.center = 0.9 * self.center + 0.1 * y:mean(1)
        self.count = self.count + 1
      end
      return y - self.center, self.heads.long(self:encode(x))
    end,
  }
end

function experiment.setup(session, o)
  session.model = network()
  session.model:init(mb.nn.init.orthogonal { gain = 1.5 }, { parameters = { "heads" }, roles = { "weight" } })
  -- What a setup loads and sets is where a training begins, and not what one that goes on goes back to.
  session.model:load { scale = mb.tensor { 0.6, 1.9 } }
  session.model.center = mb.tensor { 0.1, -0.1 }
  session.follower = session.model:copy():freeze():eval()
  session.optimizer = mb.optim.sgd { lr = 0.05, momentum = 0.9 }
end

function experiment.train(session, o)
  for step in session:steps() do
    -- To look at a module changes nothing of it, and no draw.
    if o.looks > 0 then assert(#session.model:summary { 6, 3 } > 0) end
    local x = mb.randn(6, 3)
    local short, long = session.model(x)
    local loss = (short ^ 2):mean() + ((long - session.follower(x):sum(2, true)) ^ 2):mean()
    if step == o.runaway and not has_run_away then
      has_run_away, loss = true, loss / 0
    end
    session:log { count = session.model.count, center = session.model.center:sum() }
    session:update(loss)
    session.follower:ema_update(session.model, 0.9)
    if step == o.stop then mb.stop() end
  end
end

return experiment
