-- A loop that catches steps without memory, and goes on with a hundredth of the size. With `backward` it is the backward
-- pass that has no room.
local mb = require "moonburn"

local experiment = { options = { steps = 3, size = 45000, backward = false } }

function experiment.setup(session)
  session.layer = mb.nn.linear(2, 2)
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

-- 8 GB a hundred times.
local function large_forward(session, size)
  local held = {}
  for i = 1, 100 do
    held[i] = mb.ones(size, size)
    held[i]:slice(1, 1):sum():item()
  end
  return session.layer(mb.ones(1, 2)):sum() * #held
end

-- One number, seen as 8 GB, of which only the gradient is ever written.
local function large_backward(session, size)
  local spread = session.layer(mb.ones(1, 2)):sum():reshape(1, 1):expand(size, size)
  return spread:slice(1, 1):mean()
end

function experiment.train(session, o)
  local loss = o.backward and large_backward or large_forward
  local size = o.size
  for _ in session:steps() do
    local failures = 0
    repeat
      local done, problem = pcall(function() session:update(loss(session, size)) end)
      if not done then
        assert(tostring(problem):find("memory: the device has no room", 1, true), problem)
        failures, size = failures + 1, size // 100
      end
    until done
    session:log { failures = failures, size = size }
  end
end

return experiment
