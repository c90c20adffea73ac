local spec = require "spec"
local test = spec.test
local mb = require "moonburn"

local function walked(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  return keys
end

-- The same by next, as `for key in next, t do` calls it.
local function walked_by_next(t)
  local keys = {}
  for key in next, t do keys[#keys + 1] = key end
  return keys
end

test("pairs and next go through positions, other numbers, names by bytes and booleans", function()
  local t = { b = 1, [true] = 1, [3] = 1, [1] = 1, [0] = 1, [-1] = 1, [2.5] = 1, a = 1, Z = 1, ["é"] = 1, [false] = 1, [10] = 1 }
  local want = { 1, 3, 10, -1, 0, 2.5, "Z", "a", "b", "é", false, true }
  spec.equal(walked(t), want)
  spec.equal(walked_by_next(t), want)
  local float = { [2 ^ 53] = 1, [math.mininteger] = 1, [-math.huge] = 1, [math.huge] = 1, [-2.5] = 1 }
  spec.equal(walked(float), { 2 ^ 53, -math.huge, math.mininteger, -2.5, math.huge })
end)

test("objects of the runtime come in the order in which they were made", function()
  local made, t = {}, {}
  for i = 1, 40 do made[i] = mb.zeros(1) end
  for i = 40, 1, -1 do t[made[i]] = i end
  local order = {}
  for _, i in pairs(t) do order[#order + 1] = i end
  for i = 1, 40 do spec.equal(order[i], i) end
end)

test("a list with gaps and names is gone through once, entry by entry", function()
  for length = 0, 12 do
    for gap = 0, length do
      local t, want = {}, {}
      for i = 1, length do t[i] = i end
      t[gap] = nil
      t.x, t.y = 1, 2
      for i = 1, length do
        if i ~= gap then want[#want + 1] = i end
      end
      want[#want + 1], want[#want + 2] = "x", "y"
      spec.equal(walked(t), want)
      spec.equal(walked_by_next(t), want)
    end
  end
end)

test("entries may be changed and taken out on the way", function()
  for _, walk in ipairs { pairs, function(t) return next, t end } do
    local t, seen = { 1, 2, 3, a = 4, b = 5, c = 6 }, {}
    for key, value in walk(t) do
      seen[#seen + 1] = value
      t[key] = nil
      if key == "a" then t.b = nil end
    end
    spec.equal(seen, { 1, 2, 3, 4, 6 })
    spec.holds(next(t) == nil)
  end
end)

test("entries that are put in on the way end no walk and make none endless", function()
  local t, count = { 1, 2, 3 }, 0
  for _ in pairs(t) do
    count = count + 1
    t[#t + 1], t["n" .. count] = 0, 0
    if count > 50 then break end
  end
  spec.holds(count >= 3 and count <= 50)
end)

test("next goes on after any key, in walks inside one another and after a walk that was left", function()
  local t = {}
  for i = 1, 100 do t["k" .. i] = i end
  local pairs_of = 0
  for a in next, t do
    for b in next, t do
      if a < b then pairs_of = pairs_of + 1 end
    end
  end
  spec.equal(pairs_of, 4950)
  for _ in next, t do break end
  t.a = 0
  spec.equal(next(t, "a"), "k1")
  spec.equal(#walked_by_next(t), 101)
  spec.equal(next(t, "k99"), nil)
  spec.equal(next(t, "k5"), "k50")
  -- A key that is gone, or never was there, has a place among the others all the same.
  spec.equal(next(t, "k5x"), "k6")
  spec.equal(next({ 1, 2, 3 }, 2.0), 3)
end)

test("a walk by next meets every key once, whatever was put in before it", function()
  for count = 1, 80, 13 do
    local t = {}
    for i = 1, count do t["m" .. i] = true end
    spec.holds(next(t) ~= nil)
    t.a, t.z = true, true
    local seen = {}
    for _, key in ipairs(walked_by_next(t)) do
      spec.holds(not seen[key])
      seen[key] = true
    end
    spec.equal(#walked(seen), count + 2)
  end
end)

test("a loop by next meets every key once, though the first was asked for before smaller ones were put in", function()
  local t = {}
  for i = 1, 40 do t["m" .. i] = true end
  spec.holds(next(t) ~= nil)
  for _, name in ipairs { "a", "b", "c", "d", "e" } do t[name] = true end
  local outer, inner = 0, 0
  for _ in next, t do
    outer = outer + 1
    for _ in next, t do
      inner = inner + 1
      if inner % 7 == 0 then break end
    end
  end
  spec.equal(outer, 45)
  local seen, key = {}, next(t)
  while key do
    seen[#seen + 1] = key
    key = next(t, key)
  end
  spec.equal(#seen, 45)
end)

test("positions with gaps are gone through in order, each once", function()
  local t, count, last = {}, 0, 0
  for i = 1, 3000 do
    if i % 3 > 0 then t[i] = true end
  end
  for key in next, t do
    spec.holds(key > last)
    count, last = count + 1, key
  end
  spec.equal(count, 2000)
  spec.equal(next({ [math.maxinteger] = 1, [-math.huge] = 2 }, math.maxinteger), -math.huge)
end)

test("what pairs gives can be used for more than one loop", function()
  local f, state, start = pairs { 10, 20, x = 1 }
  for _ = 1, 2 do
    local sum = 0
    for _, value in f, state, start do sum = sum + value end
    spec.equal(sum, 31)
  end
end)

test("next is a test for emptiness, and empties a table", function()
  spec.holds(next({}) == nil)
  local t = {}
  for i = 1, 1000 do t["k" .. i] = i end
  local sum = 0
  while next(t) do
    local key, value = next(t)
    sum, t[key] = sum + value, nil
  end
  spec.equal(sum, 500500)
end)

test("metamethods decide as in Lua, and what is no table is refused", function()
  local view = setmetatable({}, { __pairs = function() return function(_, key) return not key and 1 or nil, 7 end, nil, nil end })
  for key, value in pairs(view) do spec.equal({ key, value }, { 1, 7 }) end
  local hidden = setmetatable({ b = 1, a = 2 }, { __metatable = false, __index = { c = 3 } })
  spec.equal(walked(hidden), { "a", "b" })
  spec.fails("pairs: the argument must be a table, got nothing", function() pairs(nil) end)
  spec.fails("pairs: the argument must be a table, got 3", function() for _ in pairs(3) do end end)
  spec.fails("next: the argument must be a table, got true", function() next(true) end)
  spec.holds(#walked(mb.nn) > 5)
end)

test("table.sort leaves what is equal in its order, and an array whole where the comparison fails", function()
  local list = {}
  for i = 1, 1000 do list[i] = { key = i * 7919 % 10, place = i } end
  table.sort(list, function(a, b) return a.key < b.key end)
  for i = 2, 1000 do
    local a, b = list[i - 1], list[i]
    spec.holds(a.key < b.key or a.key == b.key and a.place < b.place)
  end
  local Ranked = { __lt = function(a, b) return a.rank < b.rank end }
  local ranked = {}
  for i = 1, 3000 do ranked[i] = setmetatable({ rank = i % 4, place = i }, Ranked) end
  table.sort(ranked)
  for i = 2, 3000 do spec.holds(ranked[i - 1].rank < ranked[i].rank or ranked[i - 1].place < ranked[i].place) end
  local mixed = { 2, 1.0, 1 }
  table.sort(mixed)
  spec.equal({ math.type(mixed[1]), math.type(mixed[2]) }, { "float", "integer" })
  local numbers = { 3, 1, 2 }
  spec.fails("oh no", function() table.sort(numbers, function() error("oh no") end) end)
  spec.equal(numbers, { 3, 1, 2 })
  table.sort(numbers)
  spec.equal(numbers, { 1, 2, 3 })
  table.sort(numbers, function(a, b) return a > b end)
  spec.equal(numbers, { 3, 2, 1 })
  spec.fails("sort: the comparison must be a function, got 1", function() table.sort({ 1, 2, 3 }, 1) end)
  spec.fails("sort: the list must be a table, got nothing", function() table.sort() end)
  spec.fails("attempt to compare", function() table.sort { 1, "a" } end)
end)

test("what has only an address is shown by a number that a repetition gives it again", function()
  local a, b = {}, {}
  spec.equal(tostring(a), "table: 1")
  spec.equal(string.format("%s %s", b, a), "table: 2 table: 1")
  spec.equal(("%5.1f %s"):format(2, a), "  2.0 table: 1")
  spec.holds(tostring(print):find("^function: %d+$") ~= nil)
  spec.equal(tostring(setmetatable({}, { __tostring = function() return "Color: 0xff8000" end })), "Color: 0xff8000")
  spec.equal(("%s %d%%"):format(a, 7), "table: 1 7%")
  spec.fails("number expected, got table", function() return ("%s %.3f"):format("loss", a) end)
  spec.fails("value has no literal form", function() return ("%s %q"):format("list", a) end)
  spec.fails("format: the text must be without '%p', an address", function() return string.format("%p", a) end)
  spec.equal(string.format("100%%p %d", 3), "100%p 3")
  local _, message = pcall(string.format, "%d", 1.5)
  spec.equal(message, "bad argument #2 to 'format' (number has no integer representation)")
end)

test("numbers are shown as Lua shows them", function()
  spec.equal(tostring(3.0), "3.0")
  spec.equal(tostring(1e300), "1e+300")
  spec.equal(tostring(-0.0), "-0.0")
  spec.equal(tostring(2 ^ 53), "9.007199254741e+15")
  spec.equal(tostring(0 / 0):gsub("-", ""), "nan")
  spec.equal(tostring(nil), "nil")
end)
