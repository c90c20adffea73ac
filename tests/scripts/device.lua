local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

test("a specification runs on the CPU", function()
  local device = mb.device()
  spec.equal(device.name, "cpu")
  spec.holds(not device.gpu and not device.float16)
end)

test("the adapters are numbered from 0, as gpu:N counts", function()
  spec.equal(type(mb.devices()), "table")
  for i, adapter in ipairs(mb.devices()) do
    spec.equal(adapter.device, "gpu:" .. i - 1)
    spec.holds(#adapter.name > 0 and #adapter.vendor > 0)
    spec.holds(({ vulkan = true, metal = true, dx12 = true, gl = true })[adapter.api], adapter.api)
  end
end)

test("real adapters come before those in software", function()
  local software = false
  spec.equal(type(mb.devices()), "table")
  for _, adapter in ipairs(mb.devices()) do
    spec.holds(adapter.software or not software, adapter.name)
    software = adapter.software
  end
end)
