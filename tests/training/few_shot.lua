-- Labelled tasks, drawn several times in a step, and a rotated copy of each class. Asserts what a task must be.
local mb = require "moonburn"

local experiment = { options = { steps = 3, ways = 3 } }

function experiment.setup(session)
  session.images    = mb.data.images("shapes", { count = 120 })
  session.novel     = mb.data.images("shapes", { split = "test", count = 100, classes = { "disc", "ring" } })
  session.head      = mb.nn.sequential { mb.nn.global_avg_pool(), mb.nn.linear(3, 8) }
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

local function task(session, o, options)
  options.ways, options.shots, options.queries = o.ways, 2, 3
  return mb.episode.few_shot(session.images, options)
end

function experiment.episode(session, o)
  local turned = task(session, o, { rotations = 2 })
  assert(turned.ways == 6 and #turned == 30)
  for row = 1, 3 do
    -- The rotated copy of a class shows the same images, turned counter-clockwise.
    local difference = turned.images[row]:transpose(2, 3):flip(2) - turned.images[row + 3]
    assert(difference:abs():max():item() == 0)
  end
  local two = task(session, o, { tasks = 2 })
  assert(two.tasks == 2 and two.classes.shape[1] == 2 and two.support_labels.shape[2] == 6)
  local drawn = task(session, o, {})
  local classes = drawn.classes:to_table()[1]
  assert(classes[1] ~= classes[2] and classes[2] ~= classes[3] and classes[1] ~= classes[3])
  session.state.first = session.state.first or drawn.images:sum():item()
  session.state.repeats = session.state.repeats or two.images:sum():item() == drawn.images:sum():item()
  return drawn
end

function experiment.loss(session, episode)
  local support, query = episode:split(session.head(episode.images))
  return mb.linalg.squared_distances(query, support):mean() + 1
end

function experiment.evaluate(session)
  local ok = pcall(mb.episode.few_shot, session.novel, { ways = 3, shots = 1, queries = 1 })
  assert(not ok and #session.novel:classes() == 2)
  return { repeats = session.state.repeats, first = session.state.first }
end

return experiment
