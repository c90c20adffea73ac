-- The same training with its components made in another order, and with one more.
local mb = require "moonburn"
local parts = require "parts"

local experiment = { options = { steps = 4, batch = 6, lr = 0.05 }, episode = parts.episode, loss = parts.loss }

function experiment.setup(session, o)
  session.optimizer = mb.optim.lars { lr = mb.schedule.warmup_cosine(o.lr, { warmup = 1 }) }
  session.unused    = mb.nn.linear(3, 3)
  session.projector = mb.nn.projector { 16, 16, 8 }
  session.encoder   = mb.model.resnet18 { stem = "cifar", width = 2 }
  session.images    = mb.data.images("shapes", { count = 40 })
end

return experiment
