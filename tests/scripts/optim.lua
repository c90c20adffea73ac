-- What optimizers are told, and what is said of a mistake.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test
local optim = mb.optim

test("a rule without a learning rate, or with a wrong option, is told", function()
  for _, name in ipairs { "sgd", "adam", "adamw", "rmsprop", "adagrad", "lars", "lamb", "lion" } do
    spec.fails(name .. ": lr must be given, got nothing", function() return optim[name] {} end)
    spec.fails(name .. ": unknown option 'wieght_decay'; did you mean 'weight_decay'?", function() return optim[name] { lr = 1, wieght_decay = 0 } end)
    spec.fails(name .. ": lr must be a number of at least 0, got -1", function() return optim[name] { lr = -1 } end)
    spec.fails(name .. ": weight_decay must be a number of at least 0, got -1", function() return optim[name] { lr = 1, weight_decay = -1 } end)
    spec.fails(name .. ": clip_norm must be a number over 0, got 0", function() return optim[name] { lr = 1, clip_norm = 0 } end)
    spec.holds(tostring(optim[name] { lr = 0.1 }):find "Optimizer")
  end
  spec.fails("adam: betas must be two numbers, each at least 0 and below 1, got { 0.9, 1 }", function() return optim.adam { lr = 1, betas = { 0.9, 1 } } end)
  spec.fails("adam: betas must be two numbers, got 1 of them", function() return optim.adam { lr = 1, betas = { 0.9 } } end)
  spec.fails("rmsprop: alpha must be at least 0 and below 1, got 1", function() return optim.rmsprop { lr = 1, alpha = 1 } end)
  spec.fails("adam: eps must be a number of at least 0, got NaN", function() return optim.adam { lr = 1, eps = 0 / 0 } end)
end)

test("a group that is none is told by its place", function()
  local function with(group) return function() return optim.adamw { lr = 1, groups = { { name = "a", parameters = { "b" } }, group } } end end
  spec.fails("adamw: groups[2].name must be given, got nothing", with { parameters = { "head" } })
  spec.fails("adamw: groups[2] must be with parameters or roles, or both", with { name = "head" })
  spec.fails("adamw: unknown role 'biass'; did you mean 'bias'?", with { name = "head", roles = { "biass" } })
  spec.fails("adamw: unknown option 'momentum'", with { name = "head", roles = { "bias" }, momentum = 0.9 })
  spec.fails("adamw: weight_decay must be a number, got the string 'none'", with { name = "head", roles = { "bias" }, weight_decay = "none" })
  spec.fails("optimizer: a group's name must be a word of its own without dots and slashes, got 'a'", with { name = "a", roles = { "bias" } })
  spec.fails("optimizer: a group's name must be a word of its own without dots and slashes, got 'a.b'", with { name = "a.b", roles = { "bias" } })
  spec.fails("adamw: groups[2].parameters must be at least one, or left out, got none", with { name = "head", parameters = {}, roles = { "bias" } })
  spec.fails("adamw: groups[2].roles must be at least one, or left out, got none", with { name = "head", parameters = { "head" }, roles = {} })
  spec.fails("adamw: parameters must be at least one path, or left out for all, got none", function() return optim.adamw { lr = 1, parameters = {} } end)
  spec.fails("of: parameters must be at least one path, or left out for all, got none", function() return optim.of { lr = 1, update = print, parameters = {} } end)
  spec.fails("adamw: groups must be a list", function() return optim.adamw { lr = 1, groups = { name = "head" } } end)
  spec.fails("adamw: groups[1] must be a table, got the string 'head'", function() return optim.adamw { lr = 1, groups = { "head" } } end)
end)

test("a group's table stays as it was written", function()
  local group = { name = "head", parameters = { "head" }, lr = 0.5, weight_decay = 0 }
  optim.adamw { lr = 1, groups = { group } }
  spec.equal({ group.name, group.parameters[1], group.lr, group.weight_decay, group.eps == nil }, { "head", "head", 0.5, 0, true })
end)

test("a hyperparameter may have a schedule, in a group as well, and its range holds at each step", function()
  local schedule = mb.schedule
  for _, decay in ipairs { schedule.cosine(0.04, 0.4), function(step, total) return step / total end } do
    spec.holds(optim.adamw { lr = schedule.step(0.1, { every = 3 }), weight_decay = decay })
    spec.holds(optim.sgd { lr = 0.1, momentum = decay, groups = { { name = "a", roles = { "bias" }, momentum = 0, lr = decay } } })
  end
  spec.fails("adamw: weight_decay must be a number, got the string 'cosine'", function() return optim.adamw { lr = 1, weight_decay = "cosine" } end)
  spec.fails("adam: betas must be the same in every step: there is no schedule for betas", function() return optim.adam { lr = 1, betas = schedule.linear(0, 1) } end)
  spec.fails("sgd: nesterov must be the same in every step: there is no schedule for nesterov", function() return optim.sgd { lr = 1, nesterov = function() return true end } end)
  spec.fails("lion: clip_norm must be the same in every step: there is no schedule for clip_norm", function() return optim.lion { lr = 1, clip_norm = schedule.linear(1, 0) } end)
  spec.fails("adam: betas must be the same in every step", function() return optim.adam { lr = 1, groups = { { name = "a", roles = { "bias" }, betas = schedule.linear(0, 1) } } } end)
end)

test("what is no transform is told", function()
  local function of(options) return function() return optim.of(options) end end
  local update = function(gradient) return gradient end
  spec.fails("of: lr must be given, got nothing", of { update = update })
  spec.fails("of: update must be given, got nothing", of { lr = 1 })
  spec.fails("of: update must be a function", of { lr = 1, update = 3 })
  spec.fails("of: the name of a hyperparameter must be other than 'lr', 'step' and 'role'", of { lr = 1, update = update, hyperparameters = { lr = 1 } })
  for _, name in ipairs { "loss", "loss_scale", "seconds", "skipped", "a.b", "" } do
    spec.fails("of: the name of a hyperparameter must be a word without dots and slashes other than 'loss'", of { lr = 1, update = update, hyperparameters = { [name] = 1 } })
  end
  spec.fails("of: hyperparameters.beta must be a number, a schedule or a function, got the string 'x'", of { lr = 1, update = update, hyperparameters = { beta = "x" } })
  spec.fails("of: unknown hyperparameter 'beat'; did you mean 'beta'?", of { lr = 1, update = update, hyperparameters = { beta = 1 }, groups = { { name = "a", roles = { "bias" }, beat = 1 } } })
  spec.fails("sam: optimizer must be an optimizer, got a table", function() return optim.sam { lr = 1 } end)
  spec.fails("sam: rho must be a number over 0, got 0", function() return optim.sam(optim.sgd { lr = 1 }, { rho = 0 }) end)
  spec.fails("lookahead: alpha must be from 0 to 1, got 1.5", function() return optim.lookahead(optim.sgd { lr = 1 }, { alpha = 1.5 }) end)
  spec.fails("lookahead: steps must be at least 1, got 0", function() return optim.lookahead(optim.sgd { lr = 1 }, { steps = 0 }) end)
end)
