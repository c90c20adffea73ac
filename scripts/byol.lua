-- BYOL (Grill et al., NeurIPS 2020): one view predicts what a slowly following copy of the network makes of another view
-- of the same image. No image has to differ from any other.
local mb = require "moonburn"
local self_supervised = require "moonburn.self_supervised"
local target_network = require "moonburn.target_network"
local byol = require "moonburn.heads.byol"
local tricks = require "moonburn.tricks"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    lr = 0.5,
    momentum = 0.95, -- of the target at the first step, 1 at the last; long trainings want 0.99 or more
    hidden = 128,    -- between the layers of projector and predictor
  },
  evaluate = self_supervised.evaluate,
}

function experiment.setup(session, o)
  target_network.setup(session, o)
end

function experiment.train(session, o)
  local momentum, loss_of = mb.schedule.cosine(o.momentum, 1), tricks.mixed(byol.loss)
  for _ in session:steps() do
    local episode = self_supervised.episode(session, o)
    local online = self_supervised.embed(session, episode)
    local loss = loss_of(episode, session.predictor(online), target_network.embed(session, episode))
    session:update(self_supervised.with_rotation(session, episode, o, online, loss))
    target_network.follow(session, session:at(momentum))
  end
end

return experiment
