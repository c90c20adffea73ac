-- SwAV (Caron et al., NeurIPS 2020): a batch is spread evenly over prototypes, and from one view of an image one must tell
-- which prototypes another was assigned to. Two views of full size; the paper adds several small ones.
local mb = require "moonburn"
local self_supervised = require "moonburn.self_supervised"
local swav = require "moonburn.losses.swav"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    prototypes = 32,   -- at most half the batch, as each gets an equal share of it
    temperature = 0.1, -- divides the logits
    epsilon = 0.05,    -- the smaller, the harder the assignments
    epochs = 16,
    crop = 0.5,        -- milder views than SimCLR's, of which these few epochs learn nothing here
    jitter = 0.5,
    grayscale = 0.2,
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
    local a, b = episode:split(session.prototypes(z))
    return swav.loss(a[1], b[1], { temperature = o.temperature, epsilon = o.epsilon })
  end)
end

return experiment
