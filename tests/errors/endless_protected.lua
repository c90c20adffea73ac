local mb = require "moonburn"
local experiment = { options = { steps = 3 } }

function experiment.setup(session)
  session.head = mb.nn.linear(3, 2)
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

function experiment.episode()
  return mb.ones(4, 3)
end

-- Every error is caught, an interrupt's must not be.
function experiment.loss(session, x)
  while session.step == 2 do
    pcall(function() while true do end end)
  end
  return session.head(x):mean()
end

return experiment
