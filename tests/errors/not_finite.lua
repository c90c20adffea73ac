local mb = require "moonburn"
local experiment = { options = { steps = 3 } }

function experiment.setup(session)
  session.head = mb.nn.linear(3, 2)
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

function experiment.episode()
  return mb.ones(4, 3)
end

-- Finite at the second step, but its gradient is infinite times zero.
function experiment.loss(session, x)
  local z = session.head(x):mean()
  if session.step == 2 then return (z * 0):sqrt() + z end
  return z
end

return experiment
