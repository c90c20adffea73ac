local deep = require "lib.deep"
local experiment = { options = { steps = 1 } }

function experiment.episode()
  local value = deep.first {}
  return value
end

function experiment.loss() end

return experiment
