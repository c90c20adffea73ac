-- The same by a loop of its own.
local lasting = require "lasting"

local own = { options = lasting.options, checkpoint = lasting.checkpoint, setup = lasting.setup }

function own.train(session, o)
  for _ in session:steps() do
    session:update(lasting.loss(session, lasting.episode(session, o), o))
  end
end

return own
