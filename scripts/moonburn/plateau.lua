-- A number that changes when a metric no longer improves, as PyTorch's ReduceLROnPlateau: a learning rate, or with session:at
-- any other one.
local plateau = {}

---@class moonburn.PlateauOptions
---@field lr number The learning rate at first.
---@field mode? "min"|"max" Whether the metric is to fall or to rise.
---@field factor? number What the learning rate is multiplied by; over 1 it rises.
---@field patience? moonburn.Integer So many values in a row may be no better.
---@field threshold? number By how much a value must be better than the best to count.
---@field threshold_mode? "rel"|"abs" Whether that is a share of the best.
---@field cooldown? moonburn.Integer So many values after a change count for nothing.
---@field min_lr? number It never falls below this.
---@field max_lr? number It never rises above this.

---@class moonburn.Plateau
---@field lr fun(step: integer, total: integer): number What an optimizer takes as lr.
---@field observe fun(value: number): number Takes the metric's next value, and returns the learning rate from now on.

---@type table<string, any>
local defaults = { mode = "min", factor = 0.1, patience = 10, threshold = 1e-4, threshold_mode = "rel", cooldown = 0, min_lr = 0, max_lr = math.huge }

local function is_number(x) return x >= 0 and x < math.huge end
local function is_whole(x) return is_number(x) and x % 1 == 0 end

-- What each number must be.
---@type { name: string, want: string, holds: fun(x: number): boolean }[]
local ranges = {
  { name = "lr", want = "a number of at least 0", holds = is_number },
  { name = "factor", want = "over 0, and not 1", holds = function(x) return is_number(x) and x > 0 and x ~= 1 end },
  { name = "patience", want = "a whole number of at least 0", holds = is_whole },
  { name = "threshold", want = "a number of at least 0", holds = is_number },
  { name = "cooldown", want = "a whole number of at least 0", holds = is_whole },
  { name = "min_lr", want = "a number of at least 0", holds = is_number },
  { name = "max_lr", want = "a number of at least 0, or math.huge", holds = function(x) return x >= 0 end },
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
  for name, choices in pairs { mode = { "min", "max" }, threshold_mode = { "rel", "abs" } } do
    if all[name] ~= choices[1] and all[name] ~= choices[2] then
      error(("plateau: %s must be '%s' or '%s', got '%s'"):format(name, choices[1], choices[2], tostring(all[name])), 3)
    end
  end
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
    local sign = o.mode == "min" and -1 or 1
    local least = o.threshold_mode == "rel" and best * (1 + sign * o.threshold) or best + sign * o.threshold
    if o.mode == "min" then return value < least end
    return value > least
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
      local lr = math.min(math.max(state.lr * o.factor, o.min_lr), o.max_lr)
      -- A change that is hardly one is none, and the patience begins anew all the same.
      if math.abs(state.lr - lr) > 1e-8 then state.lr = lr end
      state.bad, state.cooldown = 0, o.cooldown
    end
    return state.lr
  end
  return { lr = function() return seen().lr end, observe = observe }
end

return plateau
