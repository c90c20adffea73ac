-- Its second step never ends, and catches every error.
local mb = require "moonburn"

local experiment = { options = { steps = 1000000, lr = 0.02 } }

function experiment.setup(session, o)
  session.head      = mb.nn.linear(8, 4)
  session.optimizer = mb.optim.sgd { lr = o.lr }
end

function experiment.episode()
  return mb.randn(6, 8)
end

function experiment.loss(session, x)
  while session.step == 2 do pcall(function() while true do end end) end
  return session.head(x):sum()
end

return experiment
