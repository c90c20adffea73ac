-- Trainings through gradients of gradients beside PyTorch's in float64.
local mb = require "moonburn"
local spec = require "spec"
local adaptation = require "moonburn.adaptation"
local vectors = require "moonburn.vectors"
local fixture = require "fixtures.second_order"
local test = spec.test

local function tensors(values)
  return vectors.map(function(value) return mb.tensor(value) end, values)
end

-- Tensors by path that are off by 1e-5 of the largest value at most.
local function near(got, want)
  for path, value in pairs(want) do
    value = mb.tensor(value)
    local off, size = (got[path]:detach() - value):abs():max():item(), value:abs():max():item()
    spec.holds(off <= 1e-5 * size, ("%s is off by %g of %g"):format(path, off, size))
  end
end

local network = mb.nn.sequential {
  mb.nn.sequential {
    mb.nn.conv2d(3, 4, { kernel = 3, padding = 1, bias = false }), mb.nn.batch_norm(4), mb.nn.relu(),
    mb.nn.max_pool2d { kernel = 2 }, mb.nn.flatten(),
  },
  mb.nn.linear(36, fixture.options.ways),
}

local function network_of(parameters)
  local own = network:realise("model")
  local model = { now = vectors.map(function(value) return value:requires_grad() end, parameters) }
  function model:parameters() return vectors.map(function(value) return value end, self.now) end
  function model:functional_call(others, ...)
    local all = self:parameters()
    for path, value in pairs(others) do all[path] = value end
    return own:functional_call(all, ...)
  end
  return model
end

-- What a script's train does in one step with a session that keeps what it is told. Its update notes the gradients.
local function step_of(script, model, positions, own)
  local session, drawn = { model = model }, 0
  adaptation.episode = function()
    drawn = drawn + 1
    return vectors.map(function(value) return mb.tensor(value):unsqueeze(1) end, fixture.tasks[positions[drawn]])
  end
  function session:steps() return function(_, before) return not before and 1 or nil end end
  function session:log(values) self.logged = values end
  function session:update()
    self.gradients = vectors.map(function(parameter) return parameter:grad() end, model.now)
  end
  local options = setmetatable(own, { __index = fixture.options })
  options.tasks = #positions
  script.train(session, options)
  return session.logged.loss, session.gradients
end

local function trains_as(want, own)
  local script, model = require "maml", network_of(tensors(fixture.start))
  local first = #want.losses - #want.parameters
  for step = 1, #want.losses do
    local at = 2 * (step - 1)
    local loss, gradients = step_of(script, model, { at % 4 + 1, (at + 1) % 4 + 1 }, own)
    spec.near(loss, want.losses[step])
    local moved = vectors.add(model.now, -fixture.options.lr, gradients)
    model.now = vectors.map(function(value) return value:detach():requires_grad() end, moved)
    if step > first then near(model.now, want.parameters[step - first]) end
  end
end

test("20 steps of maml are torch.func's", function()
  trains_as(fixture.maml, { first_order = false, anil = false })
end)

test("20 steps of first-order maml are torch.func's", function()
  trains_as(fixture.first_order, { first_order = true, anil = false })
end)

test("20 steps of anil are torch.func's", function()
  trains_as(fixture.anil, { first_order = false, anil = true })
end)

test("imaml's gradient is that of its linear system solved exactly", function()
  local model = network_of(tensors(fixture.start))
  local loss, gradients = step_of(require "imaml", model, { 1 }, { cg_steps = 25, damping = 0 })
  spec.near(loss, fixture.imaml.loss)
  near(gradients, fixture.imaml.gradients)
end)

test("reptile's gradient is the way back from the adapted parameters", function()
  local model, o = network_of(tensors(fixture.start)), fixture.options
  local _, gradients = step_of(require "reptile", model, { 1 }, {})
  local task, now = tensors(fixture.tasks[1]), model.now
  for _ = 1, o.inner_steps do
    local logits = model:functional_call(now, mb.cat { task.support_images, task.query_images })
    local loss = mb.loss.cross_entropy(logits, mb.cat { task.support_labels, task.query_labels })
    local moved = vectors.add(now, -o.inner_lr, mb.grad(loss, now))
    now = vectors.map(function(value) return value:detach():requires_grad() end, moved)
  end
  near(gradients, vectors.map(function(value) return value:to_table() end, vectors.add(model.now, -1, now)))
end)

test("a gradient penalty has PyTorch's value and gradients", function()
  local critic = mb.nn.sequential {
    mb.nn.conv2d(3, 4, { kernel = 3, stride = 2, padding = 1 }), mb.nn.relu(), mb.nn.flatten(), mb.nn.linear(36, 1),
  }:realise("critic")
  local parameters = vectors.map(function(value) return value:requires_grad() end, tensors(fixture.critic))
  local images = mb.tensor(fixture.images):requires_grad()
  local scores = critic:functional_call(parameters, images)
  local slope = mb.grad(scores:sum(), { images }, { create_graph = true })[1]
  local penalty = ((slope:flatten(2):norm(2) - 1) ^ 2):mean()
  spec.near(penalty:item(), fixture.penalty.loss)
  near(mb.grad(penalty, parameters), fixture.penalty.gradients)
end)

test("a product with the Hessian is that of torch.func", function()
  local model, task = network_of(tensors(fixture.start)), tensors(fixture.tasks[1])
  local logits = model:functional_call(model.now, task.support_images)
  local slope = mb.grad(mb.loss.cross_entropy(logits, task.support_labels), model.now, { create_graph = true })
  near(mb.grad(vectors.dot(slope, tensors(fixture.vector)), model.now), fixture.product)
end)
