local mb = require "moonburn"
local experiment = { options = { steps = 1 } }

function experiment.setup(session)
  session.head = mb.nn.linear(3, 2)
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

local double = mb.operation {
  name = "double",
  forward = function(_, x) return 2 * x end,
  backward = function(_, g) return 2 * g:sum() end, -- of another shape than x
}

function experiment.episode()
  return mb.ones(4, 3)
end

function experiment.loss(session, x)
  local y = double(session.head(x))
  return y:mean()
end

return experiment
