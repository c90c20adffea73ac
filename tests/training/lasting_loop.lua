-- The same by a loop of its own.
local mb = require "moonburn"
local lasting = require "lasting"

local own = { options = lasting.options, checkpoint = lasting.checkpoint }
local augment = mb.augment.random_resized_crop { size = 8 }
-- A batch that setup makes, which an evaluation and the loop ask for views as well.
local kept

function own.setup(session, o)
  lasting.setup(session, o)
  kept = session.images:pick { 2, 7 }
end

local function sum(batch)
  return batch:views(augment):sum():item()
end

function own.train(session, o)
  local fixed = session.images:pick { 3, 1, 4, 1 }
  local last, at_start = sum(fixed), sum(kept)
  for _ in session:steps() do
    -- A batch from before the loop gives other views in every step, and the same in a run that was taken up again.
    local views = sum(fixed)
    assert(views ~= last and views ~= sum(fixed))
    last = views
    session:log { fixed = views, at_start = at_start, kept = sum(kept), before = augment:apply(fixed:images()):sum() }
    session:update(lasting.loss(session, lasting.episode(session, o), o))
  end
end

function own.evaluate()
  return { once = sum(kept), again = sum(kept) }
end

return own
