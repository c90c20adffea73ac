-- A module composed in Lua, whose function the core holds.
local mb = require "moonburn"

local experiment = { options = { steps = 1 } }

function experiment.setup(session)
  session.network = mb.nn.module { body = mb.nn.linear(3, 2), forward = function(self, x) return self.body(x) end }
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

function experiment.episode()
  return mb.ones(5, 3)
end

function experiment.loss(session, x)
  return session.network(x):mean()
end

return experiment
