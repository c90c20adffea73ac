local function third(x)
  return x.y.z
end

local function second(x)
  local value = third(x)
  return value
end

local deep = {}

function deep.first(x)
  local value = second(x)
  return value
end

return deep
