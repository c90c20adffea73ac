-- A small training by the plain loop.
local mb = require "moonburn"
local parts = require "parts"

local experiment = { options = { steps = 4, batch = 6, lr = 0.05 } }

experiment.setup = parts.setup
experiment.episode = parts.episode
experiment.loss = parts.loss

function experiment.evaluate(session)
  return { knn_accuracy = mb.evaluate.knn(session.encoder, session.images, session.test, { k = 5 }) }
end

return experiment
