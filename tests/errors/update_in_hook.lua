local mb = require "moonburn"
local experiment = { options = { steps = 1 } }

function experiment.setup(session)
  session.head = mb.nn.linear(3, 2)
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

function experiment.train(session)
  for _ in session:steps() do
    local y = session.head(mb.ones(4, 3))
    y:hook(function() session:update(session.head(mb.ones(4, 3)):mean()) end) -- within the backward pass of an update
    session:update(y:mean())
  end
end

return experiment
