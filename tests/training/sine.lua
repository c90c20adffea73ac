-- A regression of sines: items that a function computes, and tensors to measure on. The loss is infinite once where
-- `runaway` says so, and not again after the run was taken back.
local mb = require "moonburn"

local sine = {
  options = { steps = 40, batch = 4, lr = 0.02, runaway = 0, stop = 0 },
  recover = { rewind = 6, lr = 1, times = 1 },
  checkpoint = { every = 7 },
}
local has_run_away = false

function sine.setup(session)
  session.sines = mb.data.from(function(_, draw)
    local x = 6 * draw:rand(5, 1) - 3
    return { x = x, y = x:sin() + draw:normal(0, 0.01) }
  end, { count = 30 })
  local x = mb.linspace(-3, 3, 50):unsqueeze(2)
  session.test      = mb.data.from { x = x, y = x:sin() }
  session.model     = mb.nn.sequential { mb.nn.linear(1, 16), mb.nn.relu(), mb.nn.linear(16, 1) }
  session.optimizer = mb.optim.adam { lr = mb.schedule.constant(0.02) }
end

function sine.train(session, o)
  for step in session:steps() do
    local batch = session.sines:next(o.batch)
    local loss = mb.loss.mse(session.model(batch.x), batch.y)
    session:log { epoch = session.sines:epoch(), sum = batch.x:sum(), sampled = session.sines:sample(2).x:sum(), picked = session.sines:pick({ 1 }).x:sum() }
    if step == o.runaway and not has_run_away then has_run_away, loss = true, loss / 0 end
    session:update(loss)
    if step == o.stop then mb.stop() end
  end
end

function sine.evaluate(session)
  local sum, count = 0, 0
  for batch in session.test:batches { batch = 16 } do
    sum = sum + mb.loss.mse(session.model(batch.x), batch.y, { reduction = "sum" }):item()
    count = count + #batch.x
  end
  return { error = sum / count, count = count }
end

return sine
