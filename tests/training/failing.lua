-- A training whose step `fails` raises an error, if the option asks for one.
local mb = require "moonburn"

local experiment = { options = { steps = 20, lr = 0.1, fails = 0, stop = 0 }, checkpoint = { every = 3 } }

function experiment.setup(session, options)
  session.model     = mb.nn.linear(3, 2)
  session.optimizer = mb.optim.sgd { lr = mb.schedule.warmup_cosine(options.lr, { warmup = 0 }), momentum = 0.9 }
end

function experiment.train(session, options)
  for step in session:steps() do
    if step == options.fails then error("step " .. step .. " fails") end
    session:update((session.model(mb.randn(4, 3)) ^ 2):mean())
    if step == options.stop then mb.stop() end
  end
end

return experiment
