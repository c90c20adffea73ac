-- A step that cannot be broken off: a single call that takes long.
local mb = require "moonburn"
local experiment = { options = { steps = 3 } }

function experiment.setup(session)
  session.head = mb.nn.linear(3, 2)
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

function experiment.episode()
  return mb.ones(4, 3)
end

function experiment.loss(session, x)
  if session.step == 2 then
    local large = mb.ones(6000, 6000)
    large:matmul(large)
  end
  return session.head(x):mean()
end

return experiment
