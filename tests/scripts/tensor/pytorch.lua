-- Values and gradients of every operation against PyTorch's in float64 (tests/reference/cases.py says what a case is).
local mb = require "moonburn"
local spec = require "spec"

local fixtures = { "tensor_operations", "elementwise", "reductions", "shapes", "linear_algebra" }

-- cos 1, cos 2, … in the shape of the value, as the reference weighs its sum.
local function weights(like)
  local numbers = {}
  for i = 1, like:numel() do numbers[i] = math.cos(i) end
  return mb.tensor(numbers):reshape(like.shape)
end

-- An input of a case: values, or what they cannot tell by themselves.
local function made(input)
  if type(input) ~= "table" or not input.dtype then return mb.tensor(input) end
  if input.empty then return mb.zeros(input.empty):cast(input.dtype) end
  return mb.tensor(input.values, input.dtype)
end

local function differentiate(case)
  local inputs, leaves = {}, {}
  for i, values in ipairs(case.inputs) do
    local input = made(values)
    if case.gradients and input.dtype:find "^float" then
      input = input:requires_grad()
      leaves[#leaves + 1] = input
    end
    inputs[i] = input
  end
  local operation = assert(load("local mb, x, y, z = ...; return " .. case.expression))
  local value = operation(mb, table.unpack(inputs))
  if not case.gradients then return value end
  local gradients = mb.grad((value * weights(value)):sum(), leaves)
  for i, leaf in ipairs(leaves) do spec.equal(gradients[i].shape, leaf.shape) end
  return value, gradients
end

for _, fixture in ipairs(fixtures) do
  for _, case in ipairs(require("fixtures." .. fixture)) do
    spec.test(case.name, function()
      local value, gradients = differentiate(case)
      spec.equal(value.shape, case.shape)
      if case.dtype then spec.equal(value.dtype, case.dtype) end
      spec.near(value, case.value, 1e-5)
      for i, want in ipairs(case.gradients or {}) do
        spec.near(gradients[i], want, 5e-5)
      end
    end)
  end
end
