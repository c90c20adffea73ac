local mb = require "moonburn"

local experiment = { device = "gpu:9", options = { steps = 1 } }

function experiment.setup(session)
  session.layer = mb.nn.linear(1, 1)
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

function experiment.episode()
  return mb.ones(1, 1)
end

function experiment.loss(session, episode)
  return session.layer(episode):sum() * 0 + 1
end

return experiment
