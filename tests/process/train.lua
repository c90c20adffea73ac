local mb = require "moonburn"
local scale = require "scale"
local experiment = { options = { steps = 3 }, checkpoint = { every = 1 } }

function experiment.setup(session)
  session.head = mb.nn.linear(3, 2)
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

function experiment.episode()
  return mb.ones(4, 3)
end

function experiment.loss(session, x)
  return session.head(x):mean() * scale
end

function experiment.evaluate()
  return { answer = 42 }
end

return experiment
