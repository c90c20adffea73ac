-- A training of three steps that take milliseconds; a script says in `loss` what goes wrong in the second.
local mb = require "moonburn"
local experiment = { options = { steps = 3 } }

function experiment.setup(session)
  session.head = mb.nn.linear(3, 2)
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

function experiment.episode()
  return mb.ones(4, 3)
end

return experiment
