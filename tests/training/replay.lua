-- A replay buffer: a walk on a line is remembered, and values of its actions are learnt from samples of what it holds.
local mb = require "moonburn"

local replay = {
  options = { steps = 40, batch = 8, lr = 0.02, capacity = 15, runaway = 0, stop = 0 },
  recover = { rewind = 6, lr = 1, times = 1 },
  checkpoint = { every = 7 },
}
local has_run_away = false

function replay.setup(session, o)
  session.memory    = mb.data.from({}, { capacity = o.capacity })
  session.value     = mb.nn.linear(2, 2)
  session.optimizer = mb.optim.sgd { lr = o.lr }
  session.state.at  = 0.0
end

function replay.train(session, o)
  for step in session:steps() do
    local at, action = session.state.at, math.random(2)
    local to = math.max(-3.0, math.min(3.0, at + (action == 1 and -1 or 1)))
    session.memory:append { at = { at, 1.0 }, action = action, reward = -math.abs(to), to = { to, 1.0 } }
    session.state.at = to
    local batch = session.memory:sample(o.batch)
    local best = batch.reward + 0.9 * session.value(batch.to):detach():amax(2)
    local loss = mb.loss.huber(session.value(batch.at):gather(2, batch.action:unsqueeze(2)):squeeze(2), best)
    session:log { held = #session.memory, sum = session.memory:tensors().reward:sum(), sampled = batch.at:sum() }
    if step == o.runaway and not has_run_away then has_run_away, loss = true, loss / 0 end
    session:update(loss)
    if step == o.stop then mb.stop() end
  end
end

return replay
