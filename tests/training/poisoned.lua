-- A training whose second step has a loss that is not a number.
local mb = require "moonburn"

local experiment = { options = { steps = 3 } }

function experiment.setup(session)
  session.network = mb.nn.sequential { mb.nn.linear(3, 2), mb.nn.batch_norm(2) }
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

function experiment.episode(session)
  return mb.rand(5, 3) * (session.step == 2 and 0 / 0 or 1)
end

function experiment.loss(session, x)
  return (session.network(x) ^ 2):mean() + session.network(x):sum()
end

return experiment
