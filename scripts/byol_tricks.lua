-- BYOL with the meta-learning tricks of Ni et al. (ICLR 2022): some images are turned by a multiple of 90 degrees, all
-- views alike, and so are further classes; some views are turned on their own, and a classifier must tell by how much;
-- queries can be mixed.
local mb = require "moonburn"
local self_supervised = require "lib.self_supervised"
local byol = require "lib.heads.byol"
local tricks = require "lib.tricks"

local experiment = {
  options = self_supervised.options {
    momentum = 0.99,       -- of the target at the first step; 1 at the last
    hidden = 128,          -- between the layers of projector and predictor
    rotate = 0.1,          -- rotation as task augmentation
    rotated = 0.25,        -- the share of the views whose rotation is predicted; 0 for none
    rotation_weight = 0.1, -- of the prediction's loss at the first step
    anneal = true,         -- whether that weight falls to 0
    mix = false,           -- whether queries are mixed, half of the steps by CutMix
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
  session.rotation         = mb.nn.linear(o.embedding, 4)
  session.target_encoder   = session.encoder:copy():freeze()
  session.target_projector = session.projector:copy():freeze()
end

local function build_episode(session, o)
  local episode = self_supervised.episode(session, o)
  if o.mix then episode = episode:mix_queries() end
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
    local target = session.target_projector(session.target_encoder(episode.images))
    local loss = loss_of(episode, session.predictor(embeddings), target)
    if o.rotated > 0 then
      local rotation = tricks.rotation_loss(episode, session.rotation, embeddings)
      session:log { rotation_loss = rotation }
      loss = loss + session:at(weight) * rotation
    end
    session:update(loss)
    session.target_encoder:ema_update(session.encoder, session:at(momentum))
    session.target_projector:ema_update(session.projector, session:at(momentum))
  end
end

return experiment
