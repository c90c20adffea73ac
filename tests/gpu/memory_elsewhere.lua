-- Asks for 8 GB a hundred times where no batch is meant: in `setup`, or in an evaluation.
local mb = require "moonburn"

local experiment = { options = { steps = 1, batch = 8, place = "setup" } }

local function fill()
  local held = {}
  for i = 1, 100 do
    held[i] = mb.ones(45000, 45000)
    held[i]:slice(1, 1):sum():item()
  end
end

function experiment.setup(session, o)
  session.layer = mb.nn.linear(2, 2)
  session.optimizer = mb.optim.sgd { lr = 0.1 }
  if o.place == "setup" then fill() end
end

function experiment.episode()
  return mb.ones(1, 2)
end

function experiment.loss(session, x)
  return session.layer(x):sum()
end

function experiment.evaluate(_, o)
  if o.place == "evaluate" then fill() end
end

return experiment
