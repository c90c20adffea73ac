-- A convolutional autoencoder: images through a code of few numbers and back.
local mb = require "moonburn"

---@type moonburn.Script
local experiment = {
  options = {
    images = "shapes", -- the built-in set, an image folder, or a folder with CIFAR-10's binary batches
    size = 32,         -- images are brought to this side
    width = 16,        -- channels of the first stage
    code = 32,         -- numbers in a code
    batch = 64,        -- images per step
    epochs = 4,        -- passes over the images
    lr = 2e-3,         -- the learning rate after the warm-up; it falls to 0 by a cosine
  },
}

function experiment.setup(session, o)
  local nn, wide, side = mb.nn, 2 * o.width, o.size // 4
  session.images  = mb.data.images(o.images, { split = "train", size = o.size })
  session.test    = mb.data.images(o.images, { split = "test", size = o.size })
  session.encoder = nn.sequential {
    nn.conv2d(3, o.width, { kernel = 3, stride = 2, padding = 1 }), nn.batch_norm(o.width), nn.relu(),
    nn.conv2d(o.width, wide, { kernel = 3, stride = 2, padding = 1 }), nn.batch_norm(wide), nn.relu(),
    nn.flatten(), nn.linear(wide * side * side, o.code),
  }
  session.spread  = nn.linear(o.code, wide * side * side)
  session.decoder = nn.sequential {
    nn.relu(), nn.conv_transpose2d(wide, o.width, { kernel = 4, stride = 2, padding = 1 }), nn.batch_norm(o.width),
    nn.relu(), nn.conv_transpose2d(o.width, 3, { kernel = 4, stride = 2, padding = 1 }),
  }
  session.optimizer = mb.optim.adamw { lr = mb.schedule.cosine(o.lr, 0):warmup(0.05), weight_decay = 1e-4 }
  session:plan(o.epochs * session.images:steps(o.batch))
end

local function reconstruct(session, images, o)
  local side = o.size // 4
  return session.decoder(session.spread(session.encoder(images)):reshape(images.shape[1], -1, side, side)):sigmoid()
end

function experiment.train(session, o)
  for _ in session:steps() do
    local images = session.images:next(o.batch):images()
    session:update(mb.loss.mse(reconstruct(session, images, o), images))
  end
end

-- The mean squared error on images of the test split.
function experiment.evaluate(session, o)
  local images = session.test:pick(mb.range(1, math.min(256, #session.test))):images()
  session.encoder:eval()
  session.decoder:eval()
  local missed = mb.no_grad(function() return mb.loss.mse(reconstruct(session, images, o), images):item() end)
  session.encoder:train()
  session.decoder:train()
  return { error = missed }
end

return experiment
