-- Table functions whose results depend on the program alone: `pairs` and `next` go through the keys of a table in one
-- order, `table.sort` leaves what is equal in its order, `tostring` numbers what has only an address.
--
-- `keys(t, done)` gives the keys of a table in their order, without the positions 1 to `done`; nil where there are none.
-- `least(t)` gives the first of the keys and their number. `after(keys, key)` gives the place of the first key in a list of
-- ordered keys that comes after another key, which need not be in it. `wrong(op, name, want, got)` raises an
-- error. Functions of Lua keep their names here, which its messages tell.
local keys, least, after, wrong = ...

local raw_next, raw_pairs, sort, raw_tostring, format = next, pairs, table.sort, tostring, string.format
local rawget, rawequal, rawlen, type, select, setmetatable = rawget, rawequal, rawlen, type, select, setmetatable
local getmetatable, math_type, tointeger, move, unpack = getmetatable, math.type, math.tointeger, table.move, table.unpack
local find, gmatch, sub = string.find, string.gmatch, string.sub

-- Positions first, as long as they go on without a gap: a plain list is never sorted. What is put in on the way comes with
-- the keys that are not positions, or not at all.
local function iterate(t)
  local length, place, ordered
  local has_meta = getmetatable(t) ~= nil
  return function(_, last)
    -- A loop begins; the iterator may have been used for one before.
    if last == nil then length, place, ordered = rawlen(t), 0, nil end
    local key, value
    if not ordered then
      if place < length then
        key = place + 1
        if has_meta then value = rawget(t, key) else value = t[key] end
        if value ~= nil then
          place = key
          return key, value
        end
      end
      ordered, place = keys(t, place) or {}, 0
    end
    repeat
      place = place + 1
      key = ordered[place]
      if key == nil then return nil end
      if has_meta then value = rawget(t, key) else value = t[key] end
    until value ~= nil
    return key, value
  end, t, nil
end

function pairs(t)
  if type(t) == "table" then
    local meta = getmetatable(t)
    if meta == nil then return iterate(t) end
  end
  -- A metamethod may be hidden by __metatable: Lua's own function finds it.
  local f, state, first = raw_pairs(t)
  if f ~= raw_next then return f, state, first end
  if type(t) ~= "table" then wrong("pairs", "the argument", "a table", t) end
  return iterate(t)
end

-- Below so many keys the first is looked for each time.
local FEW = 32

-- For a table that a loop goes through: its keys in their order as of the loop's beginning, and where it has come to.
local walks = setmetatable({}, { __mode = "k" })

-- For a table of many keys: these in their order as of some moment, the place of the first that was still there when it was
-- last asked for, and whether a loop may have begun with it.
local firsts = setmetatable({}, { __mode = "k" })

-- The first key of `next(t)`: that of the table as it is, or, where it has many, as it was when it was last looked through, so
-- that a test for emptiness and a loop that empties the table stay cheap.
local function first(t)
  if raw_next(t) == nil then return nil end
  local value = rawget(t, 1)
  if value ~= nil then return 1, value end
  local known = firsts[t]
  if known then
    local list = known.keys
    for place = known.place, #list do
      value = rawget(t, list[place])
      if value ~= nil then
        known.place, known.given = place, true
        return list[place], value
      end
    end
  end
  local key, count = least(t)
  firsts[t] = count > FEW and { keys = keys(t, 0), place = 1 } or nil
  return key, rawget(t, key)
end

-- The first key of `for key in next, t`, which gives nil as the last one: that of the table as it is, always.
local function begin(t)
  firsts[t] = nil
  local value = rawget(t, 1)
  if value ~= nil then
    walks[t] = nil
    return 1, value
  end
  local known = keys(t, 0)
  if not known then return nil end
  walks[t] = { keys = known, place = 1 }
  return known[1], rawget(t, known[1])
end

function next(t, ...)
  if type(t) ~= "table" then wrong("next", "the argument", "a table", t) end
  if select("#", ...) == 0 then
    local key, value = first(t)
    local walk = walks[t]
    -- The next loop may begin here, and sees the table as it is then.
    if walk and rawequal(walk.keys[walk.place], key) then walks[t] = nil end
    return key, value
  end
  local key = ...
  if key == nil then return begin(t) end
  key = math_type(key) == "float" and tointeger(key) or key
  local walk, value = walks[t], nil
  local continues = walk ~= nil and rawequal(walk.keys[walk.place], key)
  if not continues then
    if math_type(key) == "integer" and key > 0 and key < math.maxinteger then
      value = rawget(t, key + 1)
      if value ~= nil then return key + 1, value end
    end
    -- Another loop than the last one, or its first key without a position before it: the table as it is.
    local known = keys(t, 0) or {}
    walk = { keys = known, place = after(known, key) - 1 }
    local begun = firsts[t]
    if begun and begun.given and walk.place > 0 and rawequal(begun.keys[begun.place], key) then
      -- It began with a key that is not the first any more, or gone: that one is done, and all others follow.
      move(known, 1, rawequal(known[walk.place], key) and walk.place - 1 or #known, 2)
      known[1], walk.place, begun.given = key, 1, nil
    end
    walks[t] = walk
  end
  local known, place = walk.keys, walk.place
  repeat
    place = place + 1
    key = known[place]
    if key == nil then
      walks[t] = nil
      return nil
    end
    value = rawget(t, key)
  until value ~= nil
  walk.place = place
  return key, value
end

-- Merges neighbouring runs, from `source` into `target`.
local function merge(source, target, count, width, before)
  for low = 1, count, 2 * width do
    local middle, high = low + width, low + 2 * width
    if middle > count then middle = count + 1 end
    if high > count then high = count + 1 end
    local left, right = low, middle
    for place = low, high - 1 do
      if left < middle and (right >= high or not before(source[right], source[left])) then
        target[place] = source[left]
        left = left + 1
      else
        target[place] = source[right]
        right = right + 1
      end
    end
  end
end

local function less(a, b) return a < b end

-- Whether what is equal in a list is the same, so that no order of it can be told from another.
local function is_plain(t)
  local kind = math_type(t[1]) or type(t[1])
  if kind ~= "integer" and kind ~= "string" then return false end
  for place = 2, #t do
    if (math_type(t[place]) or type(t[place])) ~= kind then return false end
  end
  return true
end

-- Lua's own sort draws pivots from the clock where an array is large and uneven, and so puts what is equal in an order of
-- chance: objects by their `__lt`, 1 beside 1.0, NaN.
function table.sort(t, before)
  if type(t) ~= "table" then wrong("sort", "the list", "a table", t) end
  if before == nil then
    if is_plain(t) then return sort(t) end
    before = less
  end
  if type(before) ~= "function" then wrong("sort", "the comparison", "a function", before) end
  local count = #t
  -- Lua's own function refuses it.
  if count >= 2147483647 then return sort(t, before) end
  -- One by one: a hook looks here, however long a list claims to be.
  local source, target = {}, {}
  for place = 1, count do source[place] = t[place] end
  local width = 1
  while width < count do
    merge(source, target, count, width, before)
    source, target, width = target, source, 2 * width
  end
  for place = 1, count do t[place] = source[place] end
end

-- What has been numbered, in the order in which it was first shown.
local numbers, count = setmetatable({}, { __mode = "k" }), 0

local addressed = { table = true, ["function"] = true, thread = true, userdata = true }

local function shown(value)
  local text = raw_tostring(value)
  if not addressed[type(value)] then return text end
  -- What ends with the value's address has no text of its own.
  local address = format("%p", value)
  if sub(text, -#address - 2) ~= ": " .. address then return text end
  local known = numbers[value]
  if not known then
    count = count + 1
    known = count
    numbers[value] = known
  end
  return sub(text, 1, -#address - 1) .. known
end

function tostring(...)
  if select("#", ...) == 0 then wrong("tostring", "the argument", "given", nil) end
  return shown((...))
end

-- The arguments with those that `%s` shows as the texts that `tostring` gives.
local function texts(text, values)
  local place = 0
  for flags, letter in gmatch(text, "%%([-+ #0-9.]*)(.?)") do
    if letter == "p" then
      wrong("format", "the text", "without '%p', an address, which changes from run to run", text)
    end
    if letter ~= "%" or flags ~= "" then
      place = place + 1
      if letter == "s" and addressed[type(values[place])] then values[place] = shown(values[place]) end
    end
  end
  return values
end

function string.format(text, ...)
  -- No tail call: its errors would not know what was called.
  local result
  if type(text) == "string" and find(text, "[sp]") then
    local count = select("#", ...)
    result = format(text, unpack(texts(text, { ... }), 1, count))
  else
    result = format(text, ...)
  end
  return result
end

-- Between two steps no walk is remembered, so that a run that is taken up there goes on as one that was never stopped. The
-- numbers that `tostring` shows stay: they are for people, and count what was shown.
return shown, function()
  walks = setmetatable({}, { __mode = "k" })
  firsts = setmetatable({}, { __mode = "k" })
end
