-- What specifications are written with: test, and assertions that count.
local mb = require "moonburn"

local spec = {}

-- Declares a test. It runs in a VM of its own.
function spec.test(name, body)
  if mb.spec.declare(name) then body() end
end

local function fail(message)
  error(message, 3)
end

-- Plain text of a value, nested lists included.
local function show(value)
  if type(value) ~= "table" then return tostring(value) end
  local parts = {}
  for _, inner in ipairs(value) do parts[#parts + 1] = show(inner) end
  return "{" .. table.concat(parts, ", ") .. "}"
end

local function near(got, want, tolerance)
  if type(got) == "table" and type(want) == "table" then
    if #got ~= #want then return false end
    for i = 1, #want do
      if not near(got[i], want[i], tolerance) then return false end
    end
    return true
  end
  if type(got) == "number" and type(want) == "number" then
    if got ~= got or want ~= want then return got ~= got and want ~= want end
    return got == want or math.abs(got - want) <= tolerance * math.max(1, math.abs(want))
  end
  return got == want
end

local function plain(value)
  if type(value) == "userdata" and mb.is_tensor(value) then return value:to_table() end
  return value
end

-- Numbers, nested lists or tensors that agree within a relative tolerance (1e-5).
function spec.near(got, want, tolerance)
  mb.spec.count()
  got, want = plain(got), plain(want)
  if not near(got, want, tolerance or 1e-5) then fail("got " .. show(got) .. ", want " .. show(want)) end
end

-- Values, nested lists or tensors that are the same.
function spec.equal(got, want)
  mb.spec.count()
  got, want = plain(got), plain(want)
  if not near(got, want, 0) then fail("got " .. show(got) .. ", want " .. show(want)) end
end

-- A condition that holds.
function spec.holds(condition, message)
  mb.spec.count()
  if not condition then fail(message or "the condition does not hold") end
end

-- A call that fails with a message that contains the text, at this specification's line.
function spec.fails(text, body)
  mb.spec.count()
  local ok, raised = pcall(body)
  if ok then fail("did not fail; want " .. text) end
  if not tostring(raised):find(text, 1, true) then fail("failed with '" .. tostring(raised) .. "'; want " .. text) end
end

-- A new folder, with the slash behind it. It is gone after the test.
function spec.folder()
  return mb.spec.folder()
end

return spec
