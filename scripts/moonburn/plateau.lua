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

local defaults = { mode = "min", factor = 0.1, patience = 10, threshold = 1e-4, cooldown = 0, min_lr = 0 }

---@param o moonburn.PlateauOptions
local function checked(o)
  local all = {}
  for name, default in pairs(defaults) do all[name] = default end
  for name, value in pairs(o) do
    if name ~= "lr" and defaults[name] == nil then error(("plateau: unknown option '%s'"):format(name), 3) end
    all[name] = value
  end
  if type(all.lr) ~= "number" then error(("plateau: lr must be a number, got %s"):format(tostring(all.lr)), 3) end
  if all.mode ~= "min" and all.mode ~= "max" then error(("plateau: mode must be 'min' or 'max', got '%s'"):format(tostring(all.mode)), 3) end
  if not (all.factor < 1 and all.factor > 0) then error(("plateau: factor must be over 0 and below 1, got %s"):format(all.factor), 3) end
  return all
end

--- A learning rate by what `observe` is told. What it has seen is in session.state under the name: it lasts through edits,
--- rewinds and resumed runs.
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
