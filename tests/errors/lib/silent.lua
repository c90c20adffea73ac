local silent = {}

function silent.count(mask)
  local total = 0
  if not mask:logical_not() then total = 1 end
  return total
end

return silent
