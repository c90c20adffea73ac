-- A learning rate that falls when a metric no longer improves, as PyTorch's ReduceLROnPlateau.
local plateau = {}

---@class moonburn.PlateauOptions
---@field lr number The learning rate at first.
---@field mode? "min"|"max" Whether the metric is to fall or to rise.
---@field factor? number What the learning rate is multiplied by.
---@field patience? moonburn.Integer So many values in a row may be no better.
---@field threshold? number By how much a value must be better than the best to count, as a share of the best.
---@field cooldown? moonburn.Integer So many values after a fall count for nothing.
---@field min_lr? number It never falls below this.

---@class moonburn.Plateau
---@field lr fun(step: integer, total: integer): number What an optimizer takes as lr.
---@field observe fun(value: number): number Takes the metric's next value, and returns the learning rate from now on.

---@type table<string, any>
local defaults = { mode = "min", factor = 0.1, patience = 10, threshold = 1e-4, cooldown = 0, min_lr = 0 }

local function is_number(x) return x >= 0 and x < math.huge end
local function is_whole(x) return is_number(x) and x % 1 == 0 end

-- What each number must be.
---@type { name: string, want: string, holds: fun(x: number): boolean }[]
local ranges = {
  { name = "lr", want = "a number of at least 0", holds = is_number },
  { name = "factor", want = "over 0 and below 1", holds = function(x) return x > 0 and x < 1 end },
  { name = "patience", want = "a whole number of at least 0", holds = is_whole },
  { name = "threshold", want = "a number of at least 0", holds = is_number },
  { name = "cooldown", want = "a whole number of at least 0", holds = is_whole },
  { name = "min_lr", want = "a number of at least 0", holds = is_number },
}

---@param o moonburn.PlateauOptions
local function checked(o)
  local all = {}
  for name, default in pairs(defaults) do all[name] = default end
  for name, value in pairs(o) do
    if name ~= "lr" and defaults[name] == nil then error(("plateau: unknown option '%s'"):format(tostring(name)), 3) end
    all[name] = value
  end
  for _, range in ipairs(ranges) do
    local value = all[range.name]
    if type(value) ~= "number" or not range.holds(value) then
      error(("plateau: %s must be %s, got %s"):format(range.name, range.want, tostring(value)), 3)
    end
  end
  if all.mode ~= "min" and all.mode ~= "max" then error(("plateau: mode must be 'min' or 'max', got '%s'"):format(tostring(all.mode)), 3) end
  return all
end

--- A learning rate by what `observe` is told. What it has seen is in session.state under the name: it lasts through edits,
--- rewinds and resumed runs. So does the rate, which begins at lr once: an edit of lr changes nothing after that. Set
--- session.state[name].lr to change it.
---@param session moonburn.Session
---@param name string
---@param options moonburn.PlateauOptions
---@return moonburn.Plateau
function plateau.new(session, name, options)
  local o = checked(options)
  local function seen()
    local state = session.state[name] or { lr = o.lr, bad = 0, cooldown = 0 }
    session.state[name] = state
    return state
  end
  local function is_better(value, best)
    if best == nil then return value == value end
    if o.mode == "min" then return value < best * (1 - o.threshold) end
    return value > best * (1 + o.threshold)
  end
  local function observe(value)
    local state = seen()
    if is_better(value, state.best) then
      state.best, state.bad = value, 0
    else
      state.bad = state.bad + 1
    end
    if state.cooldown > 0 then
      state.cooldown, state.bad = state.cooldown - 1, 0
    end
    if state.bad > o.patience then
      local lr = math.max(state.lr * o.factor, o.min_lr)
      -- A fall that is hardly one is none, and the patience begins anew all the same.
      if state.lr - lr > 1e-8 then state.lr = lr end
      state.bad, state.cooldown = 0, o.cooldown
    end
    return state.lr
  end
  return { lr = function() return seen().lr end, observe = observe }
end

return plateau
