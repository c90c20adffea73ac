-- A toy mixture: points with labels, whose epochs are gone through batch by batch, the last of fewer included.
local mb = require "moonburn"

local mixture = {
  options = { steps = 40, batch = 16, lr = 0.5, runaway = 0, stop = 0 },
  recover = { rewind = 6, lr = 1, times = 1 },
  checkpoint = { every = 7 },
}
local has_run_away = false

function mixture.setup(session, o)
  local centers = mb.tensor { { 2.0, 0.0 }, { -2.0, 1.0 }, { 0.0, -2.0 } }
  local label = mb.randint(1, 3, { 60 })
  session.points    = mb.data.from { at = centers:index_select(1, label) + 0.3 * mb.randn(60, 2), label = label }
  session.model     = mb.nn.linear(2, 3)
  session.optimizer = mb.optim.sgd { lr = o.lr }
end

function mixture.train(session, o)
  local batches
  for step in session:steps() do
    -- Within the step: what is drawn before it would be lost by a resumption.
    local batch = batches and batches()
    if not batch then
      batches = session.points:batches { batch = o.batch, shuffle = true }
      batch = batches()
    end
    local loss = mb.loss.cross_entropy(session.model(batch.at), batch.label)
    session:log { size = #batch.at, sum = batch.at:sum() }
    if step == o.runaway and not has_run_away then has_run_away, loss = true, loss / 0 end
    session:update(loss)
    if step == o.stop then mb.stop() end
  end
end

function mixture.evaluate(session)
  local points = session.points:tensors()
  return { accuracy = mb.metric.accuracy(session.model(points.at), points.label) }
end

return mixture
