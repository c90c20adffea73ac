local mb = require "moonburn"
local experiment = { options = { steps = 1 } }

function experiment.train()
  local x = mb.ones(8, 10)
  return x:matmul(x)
end

return experiment
