-- A training whose gradients fit float16 only since the loss is scaled, and need no smaller scale than the first one.
local mb = require "moonburn"
local parts = require "parts"

local small = { options = { steps = 8, batch = 6, lr = 0.05 }, setup = parts.setup, episode = parts.episode }

function small.loss(session, episode)
  return parts.loss(session, episode) * 2 ^ -10
end

function small.evaluate(session)
  return { knn_accuracy = mb.evaluate.knn(session.encoder, session.images, session.test, { k = 5 }) }
end

return small
