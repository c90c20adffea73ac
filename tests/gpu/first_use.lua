-- Uses the device in `setup`, in an evaluation, and in its two steps.
local mb = require "moonburn"

local experiment = { options = { steps = 2 } }

function experiment.setup(session)
  session.layer = mb.nn.linear(2, 2)
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

function experiment.episode()
  return mb.ones(1, 2)
end

function experiment.loss(session, x)
  return session.layer(x):sum()
end

function experiment.evaluate(session)
  return { sum = session.layer(mb.ones(1, 2)):sum():item() }
end

return experiment
