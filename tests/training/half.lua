-- The same in float16. Gradients overflow at first, until the loss scale is small enough, and once more at step 12.
local lasting = require "lasting"

local half = { setup = lasting.setup, episode = lasting.episode, checkpoint = lasting.checkpoint, options = { precision = "float16", lr = 1e-4 } }

for name, value in pairs(lasting.options) do
  if half.options[name] == nil then half.options[name] = value end
end

function half.loss(session, episode, o)
  return (session.step == 12 and 8000 or 1000) * lasting.loss(session, episode, o)
end

return half
