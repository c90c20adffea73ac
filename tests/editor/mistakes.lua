-- Mistakes that a language server must mark: each line that ends in `--> CODE`, with that code, and no other line.
local mb = require "moonburn"
local prototypes = require "moonburn.heads.prototypes"

---@type moonburn.Script
local experiment = {
  options = { lr = 0.1 },
  chekpoint = { every = 100 }, --> assign-type-mismatch
}

-- What is not there.
local adam = mb.optim.adm { lr = 0.1 } --> undefined-field
local losses = mb.losses --> undefined-field
local far = mb.zeros(2, 3):squareroot() --> undefined-field
local free = mb.memory().free --> undefined-field

-- Options that there are not, and values that they cannot have.
local narrow = mb.model.resnet18 { stem = "cifar", widht = 8 } --> param-type-mismatch
local stemless = mb.model.resnet18 { stem = "cifar10" } --> param-type-mismatch
local biased = mb.nn.linear(3, 4, { bais = false }) --> param-type-mismatch
local sgd = mb.optim.sgd { lr = 0.1, momentun = 0.9 } --> param-type-mismatch
local warm = mb.optim.sgd { lr = "fast" } --> assign-type-mismatch
local cut = mb.augment.random_resized_crop { size = 32, scal = { 0.2, 1 } } --> param-type-mismatch
local head = prototypes.new { temprature = 0.5 } --> param-type-mismatch

-- Arguments of another kind.
local wide = mb.nn.linear("3", 4) --> param-type-mismatch
local summed = mb.ones(2, 2):sum { keep = true } --> param-type-mismatch

experiment.recovr = { rewind = 10 } --> assign-type-mismatch

function experiment.setup(session, o)
  session.encoder = mb.model.resnet18 { stem = "cifar" }
  session.step = "first" --> assign-type-mismatch
  session:plan("all") --> param-type-mismatch
  session:update(3, 4) --> redundant-parameter
end

function experiment.episode(session, o)
  return mb.episode.views(session.images:next(64), { augment = mb.nn.relu(), shots = 1 }) --> assign-type-mismatch
end

function experiment.loss(session, episode, o)
  session:log { ways = episode.way } --> undefined-field
  episode:splitt(episode.images) --> undefined-field
  return "small" --> return-type-mismatch
end

return experiment, { adam, losses, far, free, narrow, stemless, biased, sgd, warm, cut, head, wide, summed }
