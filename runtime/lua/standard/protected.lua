-- Protected calls and coroutines that let through what breaks a script off, and `load`, which takes text alone.
--
-- `leave(raised)` raises what the script's functions are being left with, if they are, and frees memory where a lack of it was
-- the failure; `is_leaving()` only says it. `told(raised)` is the text of an error: that of ours with its place in the script,
-- Lua's own without the place that it has in our functions. `is_error(raised)` tells ours from a script's own objects.
-- Functions of Lua keep their names here, which its messages tell.
local leave, is_leaving, told, is_error = ...

local pcall, xpcall, error, assert, type, select, rawget = pcall, xpcall, error, assert, type, select, rawget
local load, setmetatable, find, sub = load, setmetatable, string.find, string.sub
local resume, status, close, wrap = coroutine.resume, coroutine.status, coroutine.close, coroutine.create

-- The last error of ours that a script has caught, and its text.
local caught, text_of_caught

-- What a script sees of an error: text, as Lua's own errors are; a value of its own as it is.
local function seen(raised)
  if type(raised) == "string" then return told(raised) end
  if type(raised) ~= "userdata" or not is_error(raised) then return raised end
  caught, text_of_caught = raised, told(raised)
  return text_of_caught
end

local function through(ok, raised, ...)
  if ok then return ok, raised, ... end
  leave(raised)
  return ok, seen(raised), ...
end

-- The text that was caught last raises what it was caught from, which the runtime knows more of.
local function is_caught(message) return caught and type(message) == "string" and message == text_of_caught end

local function same(...) return ... end

function _G.assert(...)
  local holds, message = ...
  if not holds and is_caught(message) then error(caught, 0) end
  -- No tail call, which would have no name in a message.
  return same(assert(...))
end

function _G.error(message, level)
  if is_caught(message) then error(caught, 0) end
  if type(level) ~= "nil" and type(level) ~= "number" then return error(message, level) end
  level = level or 1
  error(message, level > 0 and level + 1 or level)
end

function _G.pcall(...) return through(pcall(...)) end

-- A handler is called where the error was raised. No hook looks there where a hook raised it.
function _G.xpcall(f, handler, ...)
  if type(handler) ~= "function" then return through(xpcall(f, handler, ...)) end
  local function guarded(raised)
    if is_leaving() then return raised end
    return handler(seen(raised))
  end
  return through(xpcall(f, guarded, ...))
end

function coroutine.resume(...) return through(resume(...)) end

-- What a coroutine still has to close would be closed where no hook looks.
function coroutine.close(...)
  if is_leaving() then return true end
  return through(close(...))
end

local function passed(thread, ok, raised, ...)
  if ok then return raised, ... end
  leave(raised)
  if status(thread) == "dead" then
    local closed, failure = close(thread)
    if not closed then raised = failure end
  end
  error(type(raised) == "string" and told(raised) or raised, 2)
end

function coroutine.wrap(body)
  local thread = wrap(body)
  return function(...) return passed(thread, resume(thread, ...)) end
end

-- Bytecode that is damaged ends the process.
function _G.load(chunk, name, mode, ...)
  if mode ~= nil and type(mode) == "string" and not find(mode, "t", 1, true) then
    return nil, "load: the mode must be 't', got '" .. mode .. "': only text is loaded"
  end
  if type(chunk) == "string" and sub(chunk, 1, 4) == "\27Lua" then
    return nil, "load: the chunk must be text, got bytecode"
  end
  return through(load(chunk, name, "t", ...))
end

-- When garbage is collected is chance, and no hook looks while it is.
function _G.setmetatable(...)
  local _, meta = ...
  if type(meta) == "table" and rawget(meta, "__gc") ~= nil then
    error("setmetatable: __gc must be left out, as nobody knows when garbage is collected (a local of its own closes by __close)", 2)
  end
  return (setmetatable(...))
end
