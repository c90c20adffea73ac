-- Writes into tensors that last, and runs away on the way: what was written in steps that are taken back goes with them.
local mb = require "moonburn"

local experiment = {
  options = { steps = 120, lr = 6.0, stop = 0 },
  recover = { rewind = 10, lr = 0.1, times = 2 },
  checkpoint = { every = 7 },
}

function experiment.setup(session, o)
  session.model       = mb.nn.linear(1, 1, { bias = false })
  session.optimizer   = mb.optim.sgd { lr = o.lr }
  session.written     = mb.zeros({ 120 }, "int32")
  session.state.seen  = mb.zeros({ 120 }, "bool")
  session.state.exact = mb.zeros({ 120 }, "float64")
end

function experiment.train(session, o)
  local input, state = mb.ones(1, 1), session.state
  for step in session:steps() do
    local before = session.written:clone()
    session.written[step] = session.written[step] + 1
    assert(before:sum():item() == session.written:sum():item() - 1)
    state.seen[step] = true
    state.exact[{ { 1, step } }] = 1 / step
    session:log { most = session.written:max(), count = session.written:sum(), seen = state.seen:sum(), exact = state.exact:sum() }
    session:update((session.model(input) ^ 2):sum())
    if step == o.stop then mb.stop() end
  end
end

return experiment
