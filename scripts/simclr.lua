-- SimCLR (Chen et al., ICML 2020): every image of a batch is a class of its own, and two augmented views of it must find
-- each other among all others.
local self_supervised = require "lib.self_supervised"
local nt_xent = require "lib.heads.nt_xent"

local experiment = {
  options = self_supervised.options { temperature = 0.2 },
  setup = self_supervised.setup,
  episode = self_supervised.episode,
  evaluate = self_supervised.evaluate,
}

function experiment.loss(session, episode, o)
  local head = nt_xent.new { temperature = o.temperature }
  return head(episode, self_supervised.embed(session, episode))
end

return experiment
