local mb = require "moonburn"
local experiment = { options = { steps = 3 }, checkpoint = { every = 1 } }

function experiment.setup(session)
  session.head = mb.nn.linear(3, 2)
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

function experiment.episode()
  return mb.ones(4, 3)
end

-- Few instructions, each of which takes long: no hook looks between them.
function experiment.loss(session, x)
  local text = session.step == 2 and ("x"):rep(1 << 28) or nil
  while text do local _ = text .. "y" end
  return session.head(x):mean()
end

return experiment
