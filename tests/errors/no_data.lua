local mb = require "moonburn"
local experiment = { options = { steps = 1 } }

function experiment.setup(session)
  session.images = mb.data.images("no/such/folder", { split = "train" })
end

function experiment.episode() end
function experiment.loss() end

return experiment
