-- ANIL (Raghu et al., ICLR 2020): MAML that adapts the last layer alone to a task. The layers below learn features that are
-- good for every task, and keep them within one.
local experiment = require "maml"

local options = experiment.options --[[@as table]]
options.anil = true

return experiment
