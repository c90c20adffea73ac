local mb = require "moonburn"
local helper = require "lib.silent"
local experiment = { options = { steps = 1 } }

function experiment.setup(session)
  session.model = mb.nn.linear(10, 2)
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

function experiment.episode()
  return mb.randn(8, 10)
end

function experiment.loss(session, x)
  local logits = session.model(x)
  local mask = logits:gt(0) and logits:lt(1)
  for _ = 1, 3 do helper.count(mask, temprature) end
  return logits:mean() + #mask
end

function experiment.evaluate(session)
  local temperature = 2
  return { value = session.model(mb.ones(1, 10)) == 0 and temprature }
end

return experiment
