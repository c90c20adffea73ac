-- Functions of Lua's own library, so that none of them runs for ever where nothing can break it off. What is short goes to
-- Lua's own; what is long goes on in pieces, with the same results, errors included.
--
-- `scan(text, pattern, from, anchored, last)` gives the first match that begins after `from` bytes or later (there alone where
-- it is anchored) and does not end at `last`: its first and last position, and its captures, false for one that is not closed;
-- nothing where there is none; false and a message where the pattern is wrong. `scan_plain(text, pattern, from)` the same
-- without any meaning of the
-- pattern. `poll(work)` raises an error where the script is to be broken off. Functions of Lua keep their names here, which
-- its messages tell.
local scan, scan_plain, poll = ...

local find, match, gmatch, gsub, rep, sub = string.find, string.match, string.gmatch, string.gsub, string.rep, string.sub
local move, insert, remove, concat = table.move, table.insert, table.remove, table.concat
local type, select, error, tointeger, maxinteger = type, select, error, math.tointeger, math.maxinteger

-- Steps that Lua's own matcher may take at most: some tenths of a millisecond.
local SHORT = 1e5

-- The same for a search without patterns, many bytes at a time.
local SHORT_PLAIN = 1e8

-- Entries that are moved at once.
local PIECE = 100000

-- A call of Lua's own function is no tail call this way: its errors would not know what was called.
local function pass(...) return ... end

-- How many parts of a pattern can take any number of bytes, by pattern; sets may count for more.
local known, count = {}, 0

local function repeats(pattern)
  local found = known[pattern]
  if not found then
    local _, quantified = gsub(pattern, "[*+?-]", "")
    local _, others = gsub(pattern, "%%[b0-9]", "")
    found = quantified + others
    if count >= 256 then known, count = {}, 0 end
    known[pattern], count = found, count + 1
  end
  return found
end

-- Text as Lua's own functions take it: of a number its digits.
local function text_of(value)
  local kind = type(value)
  if kind == "string" then return value end
  return kind == "number" and value .. "" or nil
end

-- Text, pattern and the number of bytes before the first position, where matching may take long; nothing where it is short, or
-- wrong in a way that Lua's own function tells.
local function long(value, given, init)
  local text, pattern = text_of(value), text_of(given)
  if not (text and pattern) or (#text + 1.0) ^ (repeats(pattern) + 1) * (#pattern + 1) < SHORT then return nil end
  local first = init == nil and 1 or tointeger(init)
  if not first or first > #text + 1 then return nil end
  if first < 0 then first = #text + first + 1 end
  return text, pattern, first > 1 and first - 1 or 0
end

local function unanchored(pattern)
  local anchored = sub(pattern, 1, 1) == "^"
  return anchored and sub(pattern, 2) or pattern, anchored
end

-- A capture that the pattern does not close is wrong as soon as it is wanted.
local function is_open(...)
  for place = 1, select("#", ...) do
    if select(place, ...) == false then return true end
  end
  return false
end

local function found(first, ...)
  if first == false then error(..., 2) end
  if first and is_open(...) then error("unfinished capture", 2) end
  return first, ...
end

-- The captures of a match, or all of it where it has none.
local function captures(text, first, last, ...)
  if first == false then error(last, 2) end
  if first == nil then return nil end
  if select("#", ...) == 0 then return sub(text, first, last) end
  if is_open(...) then error("unfinished capture", 2) end
  return ...
end

function string.find(...)
  local value, given, init, plain = ...
  local text, pattern, from = long(value, given, init)
  if not text then return pass(find(...)) end
  if plain or not find(pattern, "[%^$*+?.(%[%%-]") then
    if #text * (#pattern + 1.0) < SHORT_PLAIN then return pass(find(...)) end
    return found(scan_plain(text, pattern, from))
  end
  local anchored
  pattern, anchored = unanchored(pattern)
  return found(scan(text, pattern, from, anchored))
end

function string.match(...)
  local text, pattern, from = long(...)
  if not text then return pass(match(...)) end
  local anchored
  pattern, anchored = unanchored(pattern)
  return captures(text, scan(text, pattern, from, anchored))
end

function string.gmatch(...)
  local text, pattern, from = long(...)
  if not text then return pass(gmatch(...)) end
  local last
  local function on(first, stop, ...)
    if first then from, last = stop, stop end
    return captures(text, first, stop, ...)
  end
  return function() return on(scan(text, pattern, from, false, last)) end
end

-- A replacement's text with the captures of a match in the place of %0, %1, …
local function filled(replacement, text, first, last, ...)
  local parts, from = {}, 1
  while true do
    local escape = find(replacement, "%", from, true)
    if not escape then break end
    parts[#parts + 1] = sub(replacement, from, escape - 1)
    local letter = sub(replacement, escape + 1, escape + 1)
    local number = find(letter, "^%d") and tointeger(letter)
    if letter == "%" then
      parts[#parts + 1] = "%"
    elseif number == 0 or number == 1 and select("#", ...) == 0 then
      parts[#parts + 1] = sub(text, first, last)
    elseif number and number <= select("#", ...) then
      local capture = select(number, ...)
      if capture == false then error("unfinished capture", 4) end
      parts[#parts + 1] = capture
    elseif number then
      error("invalid capture index %" .. number, 4)
    else
      error("invalid use of '%' in replacement string", 4)
    end
    from = escape + 2
  end
  parts[#parts + 1] = sub(replacement, from)
  return concat(parts)
end

-- What stands in the place of a match.
local function replaced(replacement, text, first, last, ...)
  local value
  if type(replacement) == "function" then
    value = replacement(captures(text, first, last, ...))
  elseif type(replacement) == "table" then
    local capture = select("#", ...) == 0 and sub(text, first, last) or (...)
    if capture == false then error("unfinished capture", 4) end
    value = replacement[capture]
  else
    return filled(replacement, text, first, last, ...)
  end
  if not value then return sub(text, first, last) end
  if type(value) ~= "string" and type(value) ~= "number" then
    error("invalid replacement value (a " .. type(value) .. ")", 4)
  end
  return value
end

local replacing = { string = true, number = true, ["function"] = true, table = true }

function string.gsub(...)
  local value, given, replacement, most = ...
  local text, pattern = long(value, given)
  local limit = most == nil and maxinteger or tointeger(most)
  if not text or not limit or not replacing[type(replacement)] then return pass(gsub(...)) end
  if type(replacement) == "number" then replacement = replacement .. "" end
  local anchored
  pattern, anchored = unanchored(pattern)
  local parts, number, from, last = {}, 0, 0, nil
  local function on(first, stop, ...)
    if first == false then error(stop, 3) end
    if first == nil then return false end
    parts[#parts + 1] = sub(text, from + 1, first - 1)
    parts[#parts + 1] = replaced(replacement, text, first, stop, ...)
    number, from, last = number + 1, stop, stop
    return true
  end
  while number < limit and on(scan(text, pattern, from, anchored, last)) and not anchored do end
  parts[#parts + 1] = sub(text, from + 1)
  return concat(parts), number
end

function string.rep(...)
  local value, number = ...
  local text, times = text_of(value), tointeger(number)
  if text and times and times > 0 and #text * (times + 0.0) > 1e6 then poll(100000) end
  return pass(rep(...))
end

function table.move(...)
  local from, first, last, to, into = ...
  local f, e, t = tointeger(first), tointeger(last), tointeger(to)
  local is_long = f and e and t and e >= f and e - f + 0.0 > PIECE
  -- What wraps around is refused by Lua's own function.
  if not is_long or f <= 0 and e >= maxinteger + f or t > maxinteger - (e - f + 1) + 1 then return pass(move(...)) end
  if into == nil then into = from end
  if t > e or t <= f or into ~= from then
    for piece = f, e, PIECE do
      move(from, piece, e - piece < PIECE and e or piece + PIECE - 1, t + (piece - f), into)
      poll(PIECE)
    end
  else
    for piece = e, f, -PIECE do
      local start = piece - f < PIECE and f or piece - PIECE + 1
      move(from, start, piece, t + (start - f), into)
      poll(PIECE)
    end
  end
  return into
end

local move_all = table.move

function table.insert(...)
  local list, place, value = ...
  place = select("#", ...) == 3 and type(list) == "table" and tointeger(place)
  if place then
    local length = #list
    if place >= 1 and place <= length and length < maxinteger and length - place >= PIECE then
      move_all(list, place, length, place + 1)
      list[place] = value
      return
    end
  end
  insert(...)
end

function table.remove(...)
  local list, place = ...
  place = type(list) == "table" and tointeger(place)
  if place then
    local length = #list
    if place >= 1 and place <= length and length - place >= PIECE then
      local value = list[place]
      move_all(list, place + 1, length, place)
      list[length] = nil
      return value
    end
  end
  return pass(remove(...))
end

function table.concat(...)
  local list, between, first, last = ...
  local from, to = first == nil and 1 or tointeger(first), last == nil and type(list) == "table" and #list or tointeger(last)
  if type(list) ~= "table" or not from or not to or to < from or to + 0.0 - from < PIECE then return pass(concat(...)) end
  local parts, separator = {}, between == nil and "" or between
  for piece = from, to, PIECE do
    parts[#parts + 1] = concat(list, separator, piece, to - piece < PIECE and to or piece + PIECE - 1)
    poll(PIECE)
  end
  return pass(concat(parts, separator))
end
