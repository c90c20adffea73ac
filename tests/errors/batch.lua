-- A batch that is larger than the data set: `by` says who works out the steps. A library that does is not to blame.
local mb = require "moonburn"
local planned = require "lib.planned"

local experiment = { options = { batch = 64, epochs = 2, by = "library" } }

function experiment.setup(session, o)
  session.images = mb.data.images("shapes", { count = 24, size = 16 })
  if o.by == "library" then planned.plan(session, o) end
  if o.by == "script" then session:plan(o.epochs * (#session.images // 64)) end
  if o.by == "nobody" then session:plan(o.epochs) end
end

function experiment.episode(session, o)
  return session.images:next(o.batch)
end

function experiment.loss()
  return mb.ones(1)
end

return experiment
