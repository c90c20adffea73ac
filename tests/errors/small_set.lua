-- Nothing is wrong: a small set beside the large one is asked for as many images as a check takes for a batch.
local mb = require "moonburn"

local experiment = { options = { batch = 64, steps = 2 } }

function experiment.setup(session)
  session.images = mb.data.images("shapes", { count = 200, size = 8 })
  session.few = mb.data.images("shapes", { count = 20, size = 8 })
  session.layer = mb.nn.linear(3, 1)
  session.optimizer = mb.optim.sgd { lr = 0.1 }
  assert(session.few:steps(4) == 5)
end

function experiment.episode(session, o)
  return { session.images:next(o.batch), session.few:next(4) }
end

function experiment.loss(session, batches)
  assert(#batches[2] == 4)
  return session.layer(batches[1]:images():mean(4):mean(3)):mean()
end

return experiment
