-- The same, where only the step asks for the batch, or the script works out the steps itself.
local mb = require "moonburn"

local experiment = { options = { batch = 64, epochs = 2, own = false } }

function experiment.setup(session, o)
  session.images = mb.data.images("shapes", { count = 24, size = 16 })
  if o.own then session:plan(o.epochs * (#session.images // 64)) else session:plan(o.epochs) end
end

function experiment.episode(session, o)
  return session.images:next(o.batch)
end

function experiment.loss()
  return mb.ones(1)
end

return experiment
