-- BYOL's networks: projector and predictor of two layers, and a target that slowly follows encoder and projector.
local mb = require "moonburn"
local self_supervised = require "moonburn.self_supervised"

local target_network = {}

--- Linear → batch norm → ReLU → linear.
---@param inputs moonburn.Integer
---@param hidden moonburn.Integer
---@param outputs moonburn.Integer
---@return moonburn.Module
function target_network.mlp(inputs, hidden, outputs)
  return mb.nn.sequential { mb.nn.linear(inputs, hidden), mb.nn.batch_norm(hidden), mb.nn.relu(), mb.nn.linear(hidden, outputs) }
end

--- Gives the session projector, predictor and target, besides what all self-supervised scripts have.
---@param session moonburn.Session
---@param o moonburn.Options
function target_network.setup(session, o)
  if not (o.momentum >= 0 and o.momentum <= 1) then error(("momentum must be from 0 to 1, got %s"):format(o.momentum), 2) end
  self_supervised.setup(session, o)
  session.projector        = target_network.mlp(8 * o.width, o.hidden, o.embedding)
  session.predictor        = target_network.mlp(o.embedding, o.hidden, o.embedding)
  session.target_encoder   = session.encoder:copy():freeze()
  session.target_projector = session.projector:copy():freeze()
end

--- What the target makes of an episode's rows: a constant.
---@param session moonburn.Session
---@param episode moonburn.Episode
---@return moonburn.Tensor
function target_network.embed(session, episode)
  return session.target_projector(episode:embed(session.target_encoder))
end

--- Moves the target towards the online networks, after their update.
---@param session moonburn.Session
---@param momentum number
function target_network.follow(session, momentum)
  session.target_encoder:ema_update(session.encoder, momentum)
  session.target_projector:ema_update(session.projector, momentum)
end

return target_network
