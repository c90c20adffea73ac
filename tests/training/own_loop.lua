-- The same training by a loop of its own.
local parts = require "parts"

local experiment = { options = { steps = 4, batch = 6, lr = 0.05 }, setup = parts.setup }

function experiment.train(session, o)
  for step in session:steps() do
    session:update(parts.loss(session, parts.episode(session, o)))
    session:log { twice = 2 * step }
  end
end

return experiment
