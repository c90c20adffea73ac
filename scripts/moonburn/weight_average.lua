-- Averages of a network's weights over a training, for evaluation. The average is a component of its own:
--
--   session.average = session.model:copy():freeze():eval()
--
-- Running statistics are averaged like parameters. To measure them anew pass batches through the average in training mode, at
-- the end of `train`. They are a moving average of the last of these, where PyTorch's update_bn takes the mean of all:
--
--   session.average:train()
--   mb.no_grad(function() for _ = 1, 50 do session.average(session.images:next(o.batch):images()) end end)
--   session.average:eval()
local weight_average = {}

--- An exponential moving average, after each update: average ← decay · average + (1 − decay) · model. With the step the
--- decay is at most (1 + step) / (10 + step), so that the first weights, which know nothing, are soon forgotten.
---@param average moonburn.Module
---@param model moonburn.Module
---@param decay number
---@param step? integer
function weight_average.ema(average, model, decay, step)
  if step then decay = math.min(decay, (1 + step) / (10 + step)) end
  average:ema_update(model, decay, { buffers = true })
end

---@class moonburn.SwaOptions
---@field from integer The first step that counts.
---@field every? moonburn.Integer Of the steps from then on every so many count; 1 by default.

--- Stochastic weight averaging (Izmailov et al. 2018): the mean of the weights after the steps that count. Nothing else is
--- kept: which steps have counted is known from the step.
---@param average moonburn.Module
---@param model moonburn.Module
---@param step integer
---@param o moonburn.SwaOptions
function weight_average.swa(average, model, step, o)
  local every = o.every or 1
  if step < o.from or (step - o.from) % every ~= 0 then return end
  local count = (step - o.from) // every
  average:ema_update(model, count / (count + 1), { buffers = true })
end

return weight_average
