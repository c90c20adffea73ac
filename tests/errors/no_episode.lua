local mb = require "moonburn"
local experiment = { options = { steps = 1 } }

function experiment.loss() end

return experiment
