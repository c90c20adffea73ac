-- A module of a user's own, with parameters of one dim under names of all kinds, and one step of LARS.
local mb = require "moonburn"

local own = { options = { steps = 1 } }

function own.setup(session)
  session.network = mb.nn.module {
    bias = mb.nn.parameter({ 4 }, { value = 2 }),
    gain = mb.nn.parameter({ 4 }, { value = 2 }),
    matrix = mb.nn.parameter({ 4, 4 }, { value = 2 }),
    forward = function(self, x) return x:matmul(self.matrix) * self.gain + self.bias end,
  }
  session.optimizer = mb.optim.lars { lr = 0.1, momentum = 0, weight_decay = 0.5, trust_coefficient = 0.001 }
end

function own.episode() return mb.ones(1, 4) end

function own.loss(session, x) return session.network(x):sum() end

function own.evaluate(session)
  local values = {}
  for name, value in pairs(session.network:parameters()) do values[name] = value:min():item() end
  return values
end

return own
