-- A step that asks for 160 GB.
local mb = require "moonburn"

local experiment = { options = { steps = 1, batch = 200000 } }

function experiment.setup(session)
  session.layer = mb.nn.linear(2, 2)
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

function experiment.episode(_, o)
  return mb.ones(o.batch, o.batch)
end

function experiment.loss(session, x)
  local scale = x:sum():item()
  return session.layer(mb.ones(1, 2)):sum() * scale
end

return experiment
