-- A step that asks for 8 GB a hundred times.
local mb = require "moonburn"

local experiment = { options = { steps = 1, batch = 45000 } }

function experiment.setup(session)
  session.layer = mb.nn.linear(2, 2)
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

function experiment.episode(_, o)
  local held = {}
  for i = 1, 100 do
    held[i] = mb.ones(o.batch, o.batch)
    held[i]:slice(1, 1):sum():item()
  end
  return held
end

function experiment.loss(session, held)
  return session.layer(mb.ones(1, 2)):sum() * #held
end

return experiment
