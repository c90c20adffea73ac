-- Copies of modules, averages, and calls with other parameters.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local function network(name)
  return mb.nn.sequential { mb.nn.linear(3, 4), mb.nn.batch_norm(4), mb.nn.relu(), mb.nn.linear(4, 2) }:realise(name)
end

test("a copy computes the same, and freezing it leaves the original to be trained", function()
  local online, x = network("online"), mb.randn(5, 3)
  local target = online:copy():freeze()
  spec.equal(target(x), online(x))
  spec.fails("depends on nothing that requires a gradient", function() mb.grad(target(x):sum(), {}) end)
  spec.equal(#mb.grad(online(x):sum(), { online:parameters()["0.weight"] }), 1)
end)

test("an average of two networks lies between them", function()
  local online, other = network("online"), network("other")
  local before = other:parameters()["0.weight"]:detach()
  other:ema_update(online, 0.9)
  spec.near(other:parameters()["0.weight"]:detach(), 0.9 * before + 0.1 * online:parameters()["0.weight"]:detach())
  spec.fails("ema_update: momentum must be from 0 to 1, got -1", function() other:ema_update(online, -1) end)
  spec.fails("online must be a copy of", function() other:ema_update(mb.nn.linear(3, 4):realise("small"), 0.5) end)
end)

test("a functional call after one step of gradient descent has a lower loss", function()
  local model, x, y = network("model"), mb.randn(16, 3), mb.range(1, 16) % 2 + 1
  local function loss_of(parameters) return mb.loss.cross_entropy(model:functional_call(parameters, x), y) end
  local parameters = model:parameters()
  local gradients = mb.grad(loss_of(parameters), parameters)
  local moved = {}
  for path, parameter in pairs(parameters) do moved[path] = parameter - 0.5 * gradients[path] end
  spec.holds(loss_of(moved):item() < loss_of({}):item())
  -- The step is a constant, so the moved parameters' gradient arrives at the first ones: first-order MAML.
  local leaves = {}
  for path, parameter in pairs(moved) do leaves[path] = parameter:detach():requires_grad() end
  local at_moved = mb.grad(loss_of(leaves), leaves)
  local at_first = mb.grad(loss_of(moved), parameters)
  for path in pairs(parameters) do spec.near(at_first[path], at_moved[path], 1e-4) end
end)

test("a functional call takes buffers as well, and leaves the module's own as they are", function()
  local model, x, buffers = network("model"):eval(), mb.randn(4, 3), {}
  for path, buffer in model:named_buffers() do buffers[path] = buffer end
  local before = buffers["1.running_mean"]
  local shifted = model:functional_call({ ["1.running_mean"] = before + 1, ["1.bias"] = model:parameters()["1.bias"] }, x)
  spec.holds(not shifted:allclose(model(x)))
  model:train():functional_call({ ["1.running_mean"] = before + 1 }, x)
  spec.equal(model:state()["1.running_mean"], before)
  spec.fails("1.running_var must be float32 [4], got int32 [4]", function()
    model:functional_call({ ["1.running_var"] = mb.range(1, 4) }, x)
  end)
end)

test("a functional call refuses parameters that are not there, or of another shape", function()
  local model, x = network("model"), mb.randn(4, 3)
  spec.fails("unknown parameter or buffer '0.wieght'; did you mean '0.weight'?", function() model:functional_call({ ["0.wieght"] = x }, x) end)
  spec.fails("0.bias must be float32 [4], got float32 [4, 3]", function() model:functional_call({ ["0.bias"] = x }, x) end)
  spec.fails("parameters must be a table by name", function() model:functional_call({ x }, x) end)
  spec.fails("copy: linear has no values to copy yet", function() mb.nn.linear(2, 2):copy() end)
end)

test("a parameter is not assigned to", function()
  local model = network("model")
  spec.fails("a module's 'weight' is set by its optimizer, load, or ema_update", function() model.weight = mb.ones(2, 3) end)
end)

test("schedules reach their last value, and refuse values that are not finite", function()
  local momentum = mb.schedule.cosine(0.99, 1)
  spec.near({ momentum:at(1, 10), momentum:at(6, 10), momentum:at(11, 10) }, { 0.99, 0.995, 1 })
  spec.near({ mb.schedule.linear(2, 4):at(1, 4), mb.schedule.linear(2, 4):at(3, 4) }, { 2, 3 })
  spec.fails("cosine: last must be finite", function() return mb.schedule.cosine(1, 0 / 0) end)
end)
