-- One training of `benches/convolution.py`: a network and its step, as PyTorch's side there has them. It says where it is,
-- and the program beside it looks at the clock and at the process.
local mb = require "moonburn"

local experiment = {
  options = {
    model = "resnet18", -- or resnet50 or conv4
    size = 32,          -- of an image's side; under 64 a ResNet has the stem for small images
    channels = 3,       -- of an image
    batch = 32,         -- images, of which there are two views each; conv4 takes a task of 100 images
    steps = 10,
  },
}

local WAYS, SHOTS, QUERIES, WIDTH = 5, 5, 15, 64
local input, labels

-- Says where the training is. What is read of the process then must be read before it goes on.
local function tell(place)
  print(place)
  local now = os.clock()
  while os.clock() < now + 0.3 do end
end

local function conv4(channels)
  local layers = {}
  for i = 1, 4 do
    layers[#layers + 1] = mb.nn.conv2d(i == 1 and channels or WIDTH, WIDTH, { kernel = 3, padding = 1, bias = false })
    layers[#layers + 1] = mb.nn.batch_norm(WIDTH)
    layers[#layers + 1] = mb.nn.relu()
    layers[#layers + 1] = mb.nn.max_pool2d { kernel = 2 }
  end
  layers[#layers + 1] = mb.nn.flatten()
  return mb.nn.sequential(layers)
end

-- Support images first, shot by shot; a class's prototype is the mean of its shots.
local function prototypes(embeddings)
  local support, query = embeddings:slice(1, 1, WAYS * SHOTS), embeddings:slice(1, WAYS * SHOTS + 1, WAYS * (SHOTS + QUERIES))
  local means = support:reshape(SHOTS, WAYS, -1):mean(1)
  return mb.loss.cross_entropy(-mb.linalg.squared_distances(query, means), labels)
end

function experiment.setup(session, o)
  local images = 2 * o.batch
  if o.model == "conv4" then
    images = WAYS * (SHOTS + QUERIES)
    session.encoder = conv4(o.channels)
    local each = {}
    for i = 1, WAYS * QUERIES do each[i] = (i - 1) % WAYS + 1 end
    labels = mb.tensor(each):cast("int32")
  else
    local stem, features = o.size < 64 and "cifar" or "imagenet", o.model == "resnet50" and 2048 or 512
    session.encoder = mb.model[o.model] { stem = stem }
    session.projector = mb.nn.projector { features, 512, 128 }
  end
  session.optimizer = mb.optim.sgd { lr = 0.01, momentum = 0.9 }
  input = mb.rand(images, o.channels, o.size, o.size)
end

function experiment.loss(session, embeddings)
  if labels then return prototypes(embeddings) end
  return mb.loss.nt_xent(session.projector(embeddings), { temperature = 0.5 })
end

function experiment.train(session, o)
  tell "ready"
  for step in session:steps() do
    session:update(experiment.loss(session, session.encoder(input)))
    if step == o.steps then tell("step " .. step) else print("step " .. step) end
  end
end

return experiment
