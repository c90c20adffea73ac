-- Supervised contrastive learning (Khosla et al., NeurIPS 2020): views of all images of a class attract each other.
local mb = require "moonburn"
local self_supervised = require "moonburn.self_supervised"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    temperature = 0.1, -- divides the cosines
  },
  episode = self_supervised.episode,
  evaluate = self_supervised.evaluate,
}

function experiment.setup(session, o)
  self_supervised.refuse_rotated_classes(o)
  self_supervised.setup(session, o)
end

function experiment.loss(session, episode, o)
  return self_supervised.loss(session, episode, o, function(_, z)
    -- Rows are view-major, so the classes of the images come once for each view.
    local classes = episode.classes or error "supcon: the images have no labels"
    local labels = classes:index(1, 1):tile(episode.views)
    return mb.loss.supervised_contrastive(z, labels, { temperature = o.temperature })
  end)
end

return experiment
