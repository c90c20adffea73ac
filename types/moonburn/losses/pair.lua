-- What losses that compare two views refuse.
local pair = {}

--- Both must be [N, d]: broadcasting would let other shapes pass. The error is at the line that calls the loss.
---@param name string
---@param a moonburn.Tensor
---@param b moonburn.Tensor
function pair.check(name, a, b)
  local function show(tensor) return "[" .. table.concat(tensor.shape, ", ") .. "]" end
  if a.rank ~= 2 then error(("%s: wants rows [N, d], got shape %s"):format(name, show(a)), 3) end
  if show(a) ~= show(b) then error(("%s: shapes differ: %s and %s"):format(name, show(a), show(b)), 3) end
end

return pair
