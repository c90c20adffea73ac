local mb = require "moonburn"
local experiment = { options = { steps = 1 } }

function experiment.setup(session)
  session.encoder, session.head = mb.nn.linear(2, 2), mb.nn.linear(2, 1)
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

function experiment.train(session)
  for _ in session:steps() do
    local x = mb.ones(4, 2)
    local first = session.encoder(x):mean()
    local second = session.head(session.encoder(x)):mean()
    session:update(first)
    session:update(second) -- its gradient for the encoder is of values that are no more
  end
end

return experiment
