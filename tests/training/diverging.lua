-- Gradient descent on a parabola with a learning rate at which it runs away.
local mb = require "moonburn"

local experiment = {
  options = { steps = 120, lr = 6.0, stop = 0 },
  recover = { rewind = 10, lr = 0.1, times = 2 },
  checkpoint = { every = 7 },
}

function experiment.setup(session, o)
  session.model     = mb.nn.linear(1, 1, { bias = false })
  session.optimizer = mb.optim.sgd { lr = o.lr }
end

function experiment.train(session, o)
  local input = mb.ones(1, 1)
  for step in session:steps() do
    session:update((session.model(input) ^ 2):sum())
    if step == o.stop then mb.stop() end
  end
end

return experiment
