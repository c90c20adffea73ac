local mb = require "moonburn"
local experiment = { options = { steps = 1 } }

function experiment.setup(session)
  session.encoder = mb.model.resnet18 { stem = "cifar", width = 4 }
end

function experiment.episode()
  return mb.zeros(2, 4, 8, 8)
end

function experiment.loss(session, x)
  local z = session.encoder(x)
  return z:sum()
end

return experiment
