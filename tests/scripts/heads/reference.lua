-- Every head against values and gradients of PyTorch (the support vector machine's: of a quadratic program's solver and
-- finite differences), computed by tests/reference/heads.py.
local mb = require "moonburn"
local spec = require "spec"
local cases = require "fixtures.heads"
local test = spec.test

-- An episode of tiny images with the rows of a case.
local function episode_of(case)
  local tasks = case.tasks or 1
  local images = function(count) return mb.zeros(tasks, count * case.ways, 3, 1, 1) end
  return mb.episode.of { support = images(case.shots), query = images(case.queries), ways = case.ways }
end

local function agrees(case, loss_of, tolerance)
  local z = mb.tensor(case.z):requires_grad()
  local loss = loss_of(z)
  spec.near(loss:item(), case.loss, tolerance)
  -- Relative to the largest entry, which may be far below 1.
  local gradient, want = mb.grad(loss, { z })[1], mb.tensor(case.grad)
  local largest = want:abs():max():item()
  if largest < 1e-9 then return spec.near(gradient, want, 1e-6) end
  spec.near(gradient / largest, want / largest, tolerance)
end

for _, case in ipairs(cases.nt_xent) do
  test("nt_xent: " .. case.name, function()
    case.shots, case.queries = 1, case.options.views - 1
    local head = require "moonburn.heads.nt_xent".new { temperature = case.options.temperature }
    agrees(case, function(z) return head(episode_of(case), z) end, 2e-5)
  end)
end

for _, case in ipairs(cases.byol) do
  test("byol: " .. case.name, function()
    case.shots, case.queries = case.options.views - 1, 1
    local loss = require "moonburn.heads.byol".loss
    agrees(case, function(z) return loss(episode_of(case), z, mb.tensor(case.target)) end, 2e-5)
  end)
end

for _, case in ipairs(cases.prototypes) do
  test("prototypes: " .. case.name, function()
    local head, episode = require "moonburn.heads.prototypes".new(case.options), episode_of(case)
    agrees(case, function(z) return head(episode, z) end, 2e-5)
    spec.near(head.logits(episode, mb.tensor(case.z)):reshape(-1, case.ways), case.logits, 2e-5)
  end)
end

for _, case in ipairs(cases.ridge) do
  test("ridge: " .. case.name, function()
    local options = { lambda = case.options.lambda, temperature = case.options.temperature }
    local calibration = case.scale and { scale = mb.tensor(case.scale):requires_grad(), bias = mb.tensor(case.bias):requires_grad() }
    if calibration then options.calibration = function(logits) return logits * calibration.scale + calibration.bias end end
    local head, episode = require "moonburn.heads.ridge".new(options), episode_of(case)
    agrees(case, function(z) return head(episode, z) end, 2e-5)
    if calibration then
      local gradients = mb.grad(head(episode, mb.tensor(case.z)), calibration)
      spec.near(gradients.scale, case.scale_grad, 2e-5)
      spec.near(gradients.bias, case.bias_grad, 2e-5)
    end
  end)
end

for _, case in ipairs(cases.svm) do
  test("svm: " .. case.name, function()
    local head = require "moonburn.heads.svm".new { c = case.options.C, temperature = case.options.temperature }
    local episode = episode_of(case)
    spec.near(head.logits(episode, mb.tensor(case.z)):reshape(-1, case.ways), case.logits, 1e-4)
    agrees(case, function(z) return head(episode, z) end, 5e-4)
  end)
end
