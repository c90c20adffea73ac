-- The projection head of DINO (Caron et al., ICCV 2021, section 3.1): a perceptron of three layers, an L2 normalisation, and
-- a linear layer without bias whose rows have the norm 1, as SwAV's prototypes. A batch norm at the end would take the mean
-- from the teacher's outputs, and leave nothing to the center.
local mb = require "moonburn"

local dino_head = {}

--- [N, inputs] to cosines with prototypes, [N, outputs]. Its hidden layers have batch norms, an option of the paper's code:
--- without them a short training ends in equal outputs for all images. The paper has 2048 hidden units, a bottleneck of 256
--- and 65536 outputs, and does not move the prototypes in the first epoch.
---@param inputs moonburn.Integer
---@param hidden moonburn.Integer
---@param bottleneck moonburn.Integer
---@param outputs moonburn.Integer
---@return moonburn.Module
function dino_head.new(inputs, hidden, bottleneck, outputs)
  local nn = mb.nn
  return nn.module {
    mlp = nn.sequential {
      nn.linear(inputs, hidden), nn.batch_norm(hidden), nn.gelu(),
      nn.linear(hidden, hidden), nn.batch_norm(hidden), nn.gelu(), nn.linear(hidden, bottleneck),
    },
    prototypes = nn.parameter({ outputs, bottleneck }, { std = 1 }),
    forward = function(self, x) return self.mlp(x):normalize():matmul(self.prototypes:normalize():transpose()) end,
  }
end

return dino_head
