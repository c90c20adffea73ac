-- BYOL with the meta-learning tricks of Ni et al. (ICLR 2022): some images are turned by a multiple of 90 degrees, all
-- views alike, and so are further classes; some views are turned on their own, and a classifier must tell by how much;
-- queries can be mixed.
local mb = require "moonburn"
local self_supervised = require "lib.self_supervised"
local target_network = require "lib.target_network"
local byol = require "lib.heads.byol"
local tricks = require "lib.tricks"

local experiment = {
  options = self_supervised.options {
    lr = 0.5,
    momentum = 0.95,       -- of the target at the first step, 1 at the last; long trainings want 0.99 or more
    hidden = 128,          -- between the layers of projector and predictor
    rotate = 0.1,          -- rotation as task augmentation
    rotated = 0.25,        -- the share of the views whose rotation is predicted; 0 for none
    rotation_weight = 0.1, -- of the prediction's loss at the first step
    anneal = true,         -- whether that weight falls to 0
    mix = false,           -- whether queries are mixed, half of the steps by CutMix
  },
  evaluate = self_supervised.evaluate,
}

function experiment.setup(session, o)
  target_network.setup(session, o)
  session.rotation = mb.nn.linear(o.embedding, 4)
end

local function build_episode(session, o)
  local episode = self_supervised.episode(session, o)
  if o.mix then episode = episode:mix_queries { cutmix = 0.5 } end
  if o.rotated > 0 then episode = episode:rotate_views { fraction = o.rotated } end
  return episode
end

function experiment.train(session, o)
  local momentum = mb.schedule.cosine(o.momentum, 1)
  local weight = o.anneal and mb.schedule.cosine(o.rotation_weight, 0) or mb.schedule.constant(o.rotation_weight)
  local loss_of = tricks.mixed(byol.loss)
  for _ in session:steps() do
    local episode = build_episode(session, o)
    local embeddings = self_supervised.embed(session, episode)
    local loss = loss_of(episode, session.predictor(embeddings), target_network.embed(session, episode))
    if o.rotated > 0 then
      local rotation_loss = tricks.rotation_loss(episode, session.rotation, embeddings)
      session:log { rotation_loss = rotation_loss }
      loss = loss + session:at(weight) * rotation_loss
    end
    session:update(loss)
    target_network.follow(session, session:at(momentum))
  end
end

return experiment
