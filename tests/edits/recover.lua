-- A loss that is not finite comes a few steps after the edit that asks for it.
local mb = require "moonburn"

local experiment = {
  options = { steps = 1000000, lr = 0.02, width = 16, fails = 0 },
  checkpoint = { every = 10 },
  recover = { rewind = 200, times = 1 },
}

function experiment.setup(session, o)
  session.head      = mb.nn.projector { 8, o.width, 4 }
  session.optimizer = mb.optim.sgd { lr = o.lr }
  session.state.done = 0
end

function experiment.episode()
  return mb.randn(8, 8)
end

function experiment.loss(session, x, o)
  session.state.done = session.state.done + o.fails
  local loss = mb.loss.nt_xent(session.head(x), { views = 2 })
  return session.state.done == 20 and loss * (0 / 0) or loss
end

return experiment
