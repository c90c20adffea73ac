-- The same by a loop of its own.
local mb = require "moonburn"
local lasting = require "lasting"

local own = { options = lasting.options, checkpoint = lasting.checkpoint, setup = lasting.setup }

function own.train(session, o)
  local fixed = session.images:pick { 3, 1, 4, 1 }
  local augment = mb.augment.random_resized_crop { size = 8 }
  local sum = fixed:views(augment):sum():item()
  for _ in session:steps() do
    -- A batch from before the loop gives other views in every step, and the same in a run that was taken up again.
    local views = fixed:views(augment):sum():item()
    assert(views ~= sum and views ~= fixed:views(augment):sum():item())
    sum = views
    session:log { fixed = views, before = augment:apply(fixed:images()):sum() }
    session:update(lasting.loss(session, lasting.episode(session, o), o))
  end
end

return own
