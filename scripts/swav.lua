-- SwAV (Caron et al., NeurIPS 2020): a batch is spread evenly over prototypes, and from any other view of an image one must
-- tell which prototypes each large one was assigned to. Small views (multi-crop) cost little, and show parts.
local mb = require "moonburn"
local self_supervised = require "moonburn.self_supervised"
local swav = require "moonburn.losses.swav"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    crops = 2,         -- small views of each image, besides two large ones; 6 in the paper, 0 for none
    small = 0.5,       -- the least part of an image that a small view shows; it shows at most 0.6
    prototypes = 32,   -- at most half the batch, as each gets an equal share of it
    temperature = 0.1, -- divides the logits
    epsilon = 0.05,    -- the smaller, the harder the assignments
    epochs = 16,
    crop = 0.5,        -- milder views than SimCLR's, of which these few epochs learn nothing here
    jitter = 0.5,
    grayscale = 1,     -- no view has colours: of the built-in set assignments become clusters of colours otherwise
  },
  episode = self_supervised.episode,
  evaluate = self_supervised.evaluate,
}

-- Cosines of embeddings [N, d] with learnt prototypes: [N, count]. The paper's code normalises the prototypes in place
-- after each step; here the forward pass does.
---@param count moonburn.Integer
---@param embedding moonburn.Integer
local function prototypes(count, embedding)
  return mb.nn.module {
    weight = mb.nn.parameter({ count, embedding }, { std = 1 }),
    forward = function(self, z) return z:normalize():matmul(self.weight:normalize():transpose()) end,
  }
end

function experiment.setup(session, o)
  self_supervised.setup(session, o)
  session.prototypes = prototypes(o.prototypes, o.embedding)
end

function experiment.loss(session, episode, o)
  return self_supervised.loss(session, episode, o, function(_, z)
    return swav.multi_crop(session.prototypes(z), {
      views = episode.views, assigned = episode.shots + episode.queries, temperature = o.temperature, epsilon = o.epsilon,
    })
  end)
end

return experiment
