-- A module composed in Lua, saved and loaded.
local mb = require "moonburn"

local experiment = { options = { steps = 3, file = "composed.safetensors" } }

local function network()
  return mb.nn.module {
    first = mb.nn.linear(3, 4),
    rest = mb.nn.sequential { mb.nn.relu(), mb.nn.linear(4, 2) },
    scale = mb.nn.parameter({ 1 }, { value = 2 }),
    forward = function(self, x) return self.rest(self.first(x)) * self.scale end,
  }
end

function experiment.setup(session)
  session.network = network()
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

function experiment.episode()
  return mb.ones(5, 3)
end

function experiment.loss(session, x)
  return (session.network(x) ^ 2):mean()
end

-- The distance between the network and a copy that was loaded from its file.
function experiment.evaluate(session, o)
  session.network:save(o.file)
  local copy = network():realise("copy")
  local taken = copy:load(o.file)
  local x = mb.range(1, 6):cast("float32"):reshape(2, 3)
  return { taken = taken, distance = (copy(x) - session.network(x)):abs():sum():item(), scale = session.network.scale:item() }
end

return experiment
