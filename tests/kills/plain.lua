-- A training by the plain loop, with a checkpoint at every step.
local parts = require "parts"

return {
  options = { steps = 300, batch = 7, lr = 0.05 },
  checkpoint = { every = 1 },
  setup = parts.setup,
  episode = parts.episode,
  loss = parts.loss,
}
