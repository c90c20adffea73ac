-- A batch that is larger than the data set. A library works out the steps, and is not to blame.
local mb = require "moonburn"
local planned = require "lib.planned"

local experiment = { options = { batch = 64, epochs = 2 } }

function experiment.setup(session, o)
  session.images = mb.data.images("shapes", { count = 24, size = 16 })
  planned.plan(session, o)
end

function experiment.episode(session, o)
  return session.images:next(o.batch)
end

function experiment.loss()
  return mb.ones(1)
end

return experiment
