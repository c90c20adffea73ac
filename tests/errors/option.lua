local mb = require "moonburn"
local experiment = { options = { steps = 1 } }

function experiment.setup(session)
  session.encoder = mb.model.resnet18 { stem = "cifar", widht = 4 }
end

function experiment.episode() end
function experiment.loss() end

return experiment
