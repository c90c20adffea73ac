-- A loss that is not finite at step 3, in a loop that can tell.
local mb = require "moonburn"

local experiment = { options = { steps = 5, precision = "float16" } }

function experiment.setup(session)
  session.model     = mb.nn.linear(3, 1)
  session.optimizer = mb.optim.sgd { lr = 0.01 }
end

function experiment.train(session)
  for step in session:steps() do
    local loss = 0.01 * (session.model(mb.ones(2, 3)) ^ 2):mean()
    session:update(step == 3 and loss * (0 / 0) or loss)
    session:log { left_alone = session.skipped and 1 or 0 }
  end
end

return experiment
