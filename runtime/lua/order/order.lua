-- Table functions whose results depend on the program alone: `pairs` and `next` go through the keys of a table in one
-- order, `table.sort` leaves what is equal in its order, `tostring` numbers what has only an address.
--
-- `keys(t, done)` gives the keys of a table in their order, without the positions 1 to `done`; nil where there are none.
-- `least(t)` gives the first of the keys and their number. `after(keys, key)` gives the place of the first key in a list of
-- ordered keys that comes after another key, which need not be in it. `number(object)` is the number of an object of the
-- runtime. `wrong(op, name, want, got)` raises an error. Functions of Lua keep their names here, which its messages tell.
local keys, least, after, number, wrong = ...

local raw_next, raw_pairs, sort, raw_tostring, format = next, pairs, table.sort, tostring, string.format
local rawget, rawequal, rawlen, type, select, setmetatable = rawget, rawequal, rawlen, type, select, setmetatable
local getmetatable, math_type, tointeger, move, unpack = getmetatable, math.type, math.tointeger, table.move, table.unpack
local gsub, find, match = string.gsub, string.find, string.match

-- Positions first, as long as they go on without a gap: a plain list is never sorted. What is put in on the way comes with
-- the keys that are not positions, or not at all.
local function iterate(t)
  local length, place, ordered = rawlen(t), 0, nil
  local has_meta = getmetatable(t) ~= nil
  return function()
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

-- For a table: its keys in their order as of some moment, where a walk through them has come to, and the first that was
-- still there when it was last asked for.
local walks = setmetatable({}, { __mode = "k" })

-- The first key: that of the table as it is, or, where it has many, as it was when it was last looked through, so that a
-- test for emptiness and a loop that empties the table stay cheap.
local function first(t)
  if raw_next(t) == nil then return nil end
  local value = rawget(t, 1)
  if value ~= nil then return 1, value end
  local walk = walks[t]
  if walk then
    -- The next walk begins here, and sees the table as it is then.
    if walk.place == 1 then walk.place = 0 end
    local known = walk.keys
    for place = walk.front, #known > FEW and #known or 0 do
      value = rawget(t, known[place])
      if value ~= nil then
        walk.front = place
        return known[place], value
      end
    end
  end
  local key, count = least(t)
  if count > FEW then walks[t] = { keys = keys(t, 0), place = 0, front = 1 } end
  return key, rawget(t, key)
end

function next(t, key)
  if type(t) ~= "table" then wrong("next", "the argument", "a table", t) end
  if key == nil then return first(t) end
  key = math_type(key) == "float" and tointeger(key) or key
  if math_type(key) == "integer" and key > 0 then
    local value = rawget(t, key + 1)
    if value ~= nil then return key + 1, value end
  end
  local walk = walks[t]
  local known, place
  if walk and walk.place > 0 and rawequal(walk.keys[walk.place], key) then
    known, place = walk.keys, walk.place
  else
    -- A new walk, of the table as it is.
    known = keys(t, 0) or {}
    place = after(known, key) - 1
    if walk and #walk.keys > FEW and rawequal(walk.keys[walk.front], key) and place > 0 then
      -- It began with a key that is not the first any more, or gone: that one is done, and all others follow.
      local last = rawequal(known[place], key) and place - 1 or #known
      move(known, 1, last, 2)
      known[1], place = key, 1
    end
    walk = { keys = known, place = place, front = 1 }
    walks[t] = walk
  end
  local value
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

-- Lua's own sort draws pivots from the clock where an array is large and uneven, and so puts what is equal in an order of
-- chance. By `<` alone equal values are the same.
function table.sort(t, before)
  if type(t) ~= "table" then wrong("sort", "the list", "a table", t) end
  if before == nil then return sort(t) end
  if type(before) ~= "function" then wrong("sort", "the comparison", "a function", before) end
  local count = #t
  local source, target = move(t, 1, count, 1, {}), {}
  local width = 1
  while width < count do
    merge(source, target, count, width, before)
    source, target, width = target, source, 2 * width
  end
  move(source, 1, count, 1, t)
end

-- What has been numbered, in the order in which it was first shown.
local numbers, count = setmetatable({}, { __mode = "k" }), 0

local addressed = { table = true, ["function"] = true, thread = true, userdata = true }

local function shown(value)
  local text = raw_tostring(value)
  -- An address is written by C: with 0x on most systems, as sixteen digits on others.
  local start = addressed[type(value)] and (match(text, "^(.*: )0x%x+$") or match(text, "^(.*: )" .. ("%x"):rep(16) .. "$"))
  if not start then return text end
  local known = number(value) or numbers[value]
  if not known then
    count = count + 1
    known = count
    numbers[value] = known
  end
  return start .. raw_tostring(known)
end

function tostring(...)
  if select("#", ...) == 0 then wrong("tostring", "the argument", "given", nil) end
  return shown((...))
end

function string.format(text, ...)
  if type(text) == "string" and find(gsub(text, "%%%%", ""), "%%[-+ #0-9.]*p") then
    wrong("format", "the text", "without '%p', an address, which changes from run to run", text)
  end
  local shown_values
  for place = 1, type(text) == "string" and find(text, "s", 1, true) and select("#", ...) or 0 do
    local value = select(place, ...)
    if addressed[type(value)] then
      shown_values = shown_values or { ... }
      shown_values[place] = shown(value)
    end
  end
  -- No tail call: its errors would not know what was called.
  local result
  if shown_values then
    result = format(text, unpack(shown_values, 1, select("#", ...)))
  else
    result = format(text, ...)
  end
  return result
end

-- Between two steps nothing is remembered, so that a run that is taken up there goes on as one that was never stopped.
return shown, function()
  walks = setmetatable({}, { __mode = "k" })
end
