local mb = require "moonburn"
local experiment = { options = { steps = 1, lr = 0.1 } }

function experiment.setup(session, options)
  session.head = mb.nn.linear(3, 2)
  session.optimizer = mb.optim.sgd { lr = options.lr }
end

function experiment.episode()
  return mb.ones(4, 3)
end

function experiment.loss(session, x)
  return session.head(x)
end

return experiment
