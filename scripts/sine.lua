-- A sine regression: what a small network makes of noisy samples of a sine.
local mb = require "moonburn"

---@type moonburn.Script
local experiment = {
  options = {
    count = 500,  -- samples
    noise = 0.1,  -- their standard deviation from the sine
    hidden = 64,  -- the size of the two hidden layers
    batch = 50,   -- samples per step
    steps = 1000, -- updates
    lr = 1e-2,    -- the learning rate at first; it falls to 0 by a cosine
  },
}

function experiment.setup(session, o)
  local x = mb.uniform(-math.pi, math.pi, { o.count, 1 })
  local grid = mb.linspace(-math.pi, math.pi, 200):unsqueeze(2)
  session.samples = mb.data.from { x = x, y = x:sin() + o.noise * mb.randn(o.count, 1) }
  session.test    = mb.data.from { x = grid, y = grid:sin() }
  session.model   = mb.nn.sequential {
    mb.nn.linear(1, o.hidden), mb.nn.relu(), mb.nn.linear(o.hidden, o.hidden), mb.nn.relu(), mb.nn.linear(o.hidden, 1),
  }
  session.optimizer = mb.optim.adam { lr = mb.schedule.cosine(o.lr, 0) }
end

function experiment.train(session, o)
  for _ in session:steps() do
    local batch = session.samples:next(o.batch)
    session:update(mb.loss.mse(session.model(batch.x), batch.y))
  end
end

function experiment.evaluate(session)
  local all = session.test:tensors()
  return { error = mb.loss.mse(session.model(all.x), all.y):sqrt():item() }
end

return experiment
