-- What it takes to go through tables, by `pairs`, by `next`, and what a test for emptiness and a sort take: run by the runtime
-- and by Lua as it is.
local mb = require "moonburn"

local ROUNDS = 9

-- Reports the median time of a call, in ns.
local function time(name, calls, body)
  local times = {}
  for round = 1, ROUNDS do
    local began = os.clock()
    for _ = 1, calls do body() end
    times[round] = (os.clock() - began) / calls
  end
  table.sort(times)
  mb.bench.report(name, times[(ROUNDS + 1) // 2] * 1e9)
end

local makers = {
  list = function(t, i) t[i] = i end,
  names = function(t, i) t["name" .. i * 7919 % 1000003] = i end,
  numbers = function(t, i) t[-i] = i end,
}

for _, count in ipairs { 10, 1000, 100000 } do
  local calls = math.max(1, 200000 // count)
  for _, kind in ipairs { "list", "names", "numbers" } do
    local t = {}
    for i = 1, count do makers[kind](t, i) end
    local sum = 0
    local label = ("%s of %d"):format(kind, count)
    time("pairs, " .. label, calls, function()
      for _, value in pairs(t) do sum = sum + value end
    end)
    time("next, " .. label, calls, function()
      for _, value in next, t do sum = sum + value end
    end)
    time("next(t) == nil, " .. label, 200000, function()
      if next(t) == nil then sum = sum + 1 end
    end)
  end
  local unsorted = {}
  for i = 1, count do unsorted[i] = i * 7919 % 1000003 end
  time("table.sort with a function of " .. count, math.max(1, calls // 20), function()
    local copy = table.move(unsorted, 1, count, 1, {})
    table.sort(copy, function(a, b) return a < b end)
  end)
end
