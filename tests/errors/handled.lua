-- A step that never ends, and each way to catch what breaks it off, and to make another error of it.
local mb = require "moonburn"
local experiment = require "lib.tiny"
experiment.options.way = "wrapped"

local function endless()
  while true do end
end

local function closing(message)
  return setmetatable({}, { __close = function(_, raised) error(message .. tostring(raised), 0) end })
end

local ways = {}

function ways.wrapped()
  local _, text = xpcall(endless, function(raised) return "wrapped: " .. tostring(raised) end)
  error(text)
end

function ways.resumed()
  local _, raised = coroutine.resume(coroutine.create(endless))
  error("resumed: " .. tostring(raised))
end

function ways.closed()
  local _ <close> = closing("closed: ")
  endless()
end

function ways.other()
  local _ <close> = setmetatable({}, { __close = function() error("the file cannot be closed", 0) end })
  endless()
end

-- Errors that the script has handled, one after the other.
function ways.handled()
  while true do pcall(error, "handled") end
end

-- Few instructions, each of which takes long.
function ways.core()
  local x = mb.ones(200, 200)
  for _ = 1, 1000000 do x:matmul(x) end
end

-- An error of its own, while the user waits for the end of the step.
function ways.genuine()
  local x = mb.ones(200, 200)
  local began = os.time()
  while os.time() - began < 3 do x:matmul(x) end
  error("genuine", 0)
end

function experiment.loss(session, x, options)
  if session.step == 2 then ways[options.way]() end
  return session.head(x):mean()
end

return experiment
