-- One step whose metrics are the losses of all heads and sums over their gradients, and a few steps of a ridge training
-- with rotated classes and mixed queries.
local mb = require "moonburn"
local tricks = require "moonburn.tricks"
local byol = require "moonburn.heads.byol"

local experiment = { options = { steps = 3, batch = 4, width = 4 } }

function experiment.setup(session, o)
  session.images      = mb.data.images("shapes", { count = 64 })
  session.encoder     = mb.model.resnet18 { stem = "cifar", width = o.width }
  session.calibration = require "moonburn.heads.ridge".calibration()
  session.target      = session.encoder:copy():freeze()
  session.optimizer   = mb.optim.sgd { lr = 0.05 }
end

function experiment.episode(session, o)
  local augment = mb.augment.random_resized_crop { size = 16 }
  return mb.episode.views(session.images:next(o.batch), { augment = augment, shots = 2, rotations = 2 })
    :mix_queries():rotate_views { fraction = 0.5 }
end

local function compare_heads(session)
  local values = {}
  local images = function(count) return mb.zeros(2, count, 3, 1, 1) end
  local episode = mb.episode.of { support = images(15), query = images(10), ways = 5 }
  local rows = mb.range(1, 50 * 7):cast("float32"):reshape(50, 7)
  local start = (rows * 0.7):sin() + (rows * 0.31):cos()
  local losses = {
    prototypes = require "moonburn.heads.prototypes".new {},
    ridge = require "moonburn.heads.ridge".new {},
    svm = require "moonburn.heads.svm".new {},
    nt_xent = require "moonburn.heads.nt_xent".new {},
    byol = function(task, z) return byol.loss(task, z, start:flip(1)) end,
  }
  for name, loss_of in pairs(losses) do
    local z = start:requires_grad()
    local loss = loss_of(episode, z)
    local gradient = mb.grad(loss, { z })[1]
    values[name] = loss:item()
    values[name .. "_gradient"] = (gradient * (rows * 0.17):cos()):sum():item()
  end
  session:log(values)
end

function experiment.loss(session, episode)
  if session.step == 1 then compare_heads(session) end
  local head = require "moonburn.heads.ridge".new { temperature = 0.5, calibration = session.calibration }
  session.target:ema_update(session.encoder, 0.9)
  local z = session.encoder(episode.images)
  return tricks.mixed(head)(episode, z) + 0.1 * byol.loss(episode, z, session.target(episode.images))
end

return experiment
