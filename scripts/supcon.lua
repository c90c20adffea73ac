-- Supervised contrastive learning (Khosla et al., NeurIPS 2020): views of all images of a class attract each other.
local mb = require "moonburn"
local self_supervised = require "moonburn.self_supervised"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    temperature = 0.5, -- divides the cosines; by the paper's 0.1 the embeddings of so short a training all become equal
    lr = 0.05,
    epochs = 8,
  },
  episode = self_supervised.episode,
  evaluate = self_supervised.evaluate,
}

function experiment.setup(session, o)
  self_supervised.refuse(o, { "rotate", "rotations" }) -- a class is that of the data set
  self_supervised.setup(session, o)
end

function experiment.loss(session, episode, o)
  return self_supervised.loss(session, episode, o, function(_, z)
    local classes = assert(episode.classes, "supcon: the images have no labels")
    return mb.loss.supervised_contrastive(z, classes[1], { temperature = o.temperature })
  end)
end

return experiment
