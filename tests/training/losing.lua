-- A training whose device is lost in its fifth step. Run by tests/lost_device.rs.
local mb = require "moonburn"

local experiment = { options = { steps = 8, lose = 5 } }

function experiment.setup(session)
  session.layer = mb.nn.linear(4, 2)
  session.optimizer = mb.optim.sgd { lr = 0.1, momentum = 0.9 }
end

function experiment.train(session, options)
  for step in session:steps() do
    if step == options.lose then mb.lose() end
    session:update((session.layer(mb.randn(8, 4)) ^ 2):mean())
  end
end

return experiment
