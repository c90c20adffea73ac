-- A training by a loop of its own, which makes a network late, with a checkpoint at every second step.
local mb = require "moonburn"
local parts = require "parts"

local experiment = {
  options = { steps = 300, batch = 7, lr = 0.05 },
  checkpoint = { every = 2, best = "loss" },
  setup = parts.setup,
}

function experiment.train(session, o)
  for step in session:steps() do
    if not session:has "late" then session.late = mb.nn.linear(8, 8) end
    local loss = parts.loss(session, parts.episode(session, o), o)
    local late = session.late(session.state.drift:reshape(1, 8))
    session:update(loss + 0.01 * (late * late):mean())
    session.state.last = step
  end
end

return experiment
