-- BYOL (Grill et al., NeurIPS 2020): one view predicts what a slowly following copy of the network makes of another view
-- of the same image. No image has to differ from any other.
local mb = require "moonburn"
local self_supervised = require "lib.self_supervised"
local byol = require "lib.heads.byol"

local experiment = {
  options = self_supervised.options {
    momentum = 0.99, -- of the target at the first step; 1 at the last
    hidden = 128,    -- between the layers of projector and predictor
  },
  evaluate = self_supervised.evaluate,
}

local function mlp(inputs, hidden, outputs)
  return mb.nn.sequential { mb.nn.linear(inputs, hidden), mb.nn.batch_norm(hidden), mb.nn.relu(), mb.nn.linear(hidden, outputs) }
end

function experiment.setup(session, o)
  self_supervised.setup(session, o)
  session.projector        = mlp(8 * o.width, o.hidden, o.embedding)
  session.predictor        = mlp(o.embedding, o.hidden, o.embedding)
  session.target_encoder   = session.encoder:copy():freeze()
  session.target_projector = session.projector:copy():freeze()
end

function experiment.train(session, o)
  local momentum = mb.schedule.cosine(o.momentum, 1)
  for _ in session:steps() do
    local episode = self_supervised.episode(session, o)
    local online = session.predictor(self_supervised.embed(session, episode))
    local target = session.target_projector(session.target_encoder(episode.images))
    session:update(byol.loss(episode, online, target))
    session.target_encoder:ema_update(session.encoder, session:at(momentum))
    session.target_projector:ema_update(session.projector, session:at(momentum))
  end
end

return experiment
