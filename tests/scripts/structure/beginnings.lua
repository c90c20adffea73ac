-- What parameters begin with, and layers whose weight is computed.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

test("a beginning before the name and one after it give the same values", function()
  local init = mb.nn.init.kaiming_normal { mode = "fan_out", nonlinearity = "relu" }
  local before = mb.nn.linear(4, 3):init(init, { roles = { "weight" } }):realise("layer")
  local after = mb.nn.linear(4, 3):realise("layer")
  local plain = after.weight
  after:init(init, { roles = { "weight" } })
  spec.equal(before.weight, after.weight)
  spec.equal(before.bias, after.bias)
  spec.holds((plain - after.weight):abs():sum():item() > 0)
end)

test("paths and roles choose what begins anew", function()
  local model = mb.nn.sequential { mb.nn.linear(2, 2), mb.nn.batch_norm(2), mb.nn.linear(2, 2) }
  model:init(mb.nn.init.ones(), { parameters = { "2" }, roles = { "weight" } })
  model:init(mb.nn.init.constant(3), { roles = { "norm" } }):realise("model")
  spec.equal(model[3].weight, { { 1, 1 }, { 1, 1 } })
  spec.equal(model[2].bias, { 3, 3 })
  spec.holds(model[1].weight:max():item() < 1 and model[3].bias:max():item() < 1)
  spec.fails("init: unknown module or parameter '3'", function() model:init(mb.nn.init.ones(), { parameters = { "3" } }) end)
  spec.fails("init: none of the parameters of sequential is chosen", function() model:init(mb.nn.init.ones(), { parameters = { "0.bias" }, roles = { "norm" } }) end)
  spec.fails("unknown role 'weights'; did you mean 'weight'?", function() model:init(mb.nn.init.ones(), { roles = { "weights" } }) end)
  spec.fails("model.0.bias: init: orthogonal wants 2 dims or more, got shape [2]", function() model:init(mb.nn.init.orthogonal()) end)
  spec.fails("init: init must be a beginning of parameters", function() model:init("orthogonal") end)
end)

test("a parameter of one's own begins as it says", function()
  local own = mb.nn.module {
    basis = mb.nn.parameter({ 3, 5 }, { init = mb.nn.init.orthogonal { gain = 2 } }),
    forward = function(self, x) return x:matmul(self.basis) end,
  }:realise("own")
  spec.near(own.basis:matmul(own.basis:t()), 4 * mb.eye(3), 1e-5)
  spec.fails("parameter: init must be given without std, got both", function() mb.nn.parameter({ 2, 2 }, { init = mb.nn.init.ones(), std = 1 }) end)
  spec.fails("init: kaiming and xavier want [outputs, inputs, ...], got shape [2]", function() mb.nn.parameter({ 2 }, { init = mb.nn.init.xavier_normal() }) end)
  spec.fails("kaiming: unknown mode 'fanin'; did you mean 'fan_in'?", function() mb.nn.init.kaiming_normal { mode = "fanin" } end)
  spec.fails("uniform: low must be a finite number of at most high, 1, got 2", function() mb.nn.init.uniform { low = 2 } end)
  spec.fails("moonburn.nn.init: unknown function 'orthogonal_'; write module:init(mb.nn.init.orthogonal())", function() return mb.nn.init.orthogonal_ end)
end)

test("a block whose last norm begins at 0 begins as its shortcut", function()
  local model = mb.model.resnet18({ stem = "cifar", width = 4, zero_init_residual = true }):realise("model"):eval()
  local x = mb.rand(2, 4, 8, 8)
  spec.equal(model.layer1[1](x), x)
end)

test("a weight-normalised layer is the layer with g v / ‖v‖ as its weight", function()
  local layer = mb.nn.weight_norm(mb.nn.linear(3, 2), { dim = 1 }):realise("layer")
  local g, v = layer["parametrizations.weight.original0"], layer["parametrizations.weight.original1"]
  local x = mb.randn(4, 3)
  spec.near(layer(x), x:matmul((v * g / v:norm(2, true)):t()) + layer.bias)
  spec.near(layer.weight, v, 1e-6)
  local doubled = { ["parametrizations.weight.original0"] = 2 * g }
  spec.near(layer:functional_call(doubled, x) - layer.bias, 2 * (layer(x) - layer.bias))
  spec.equal(layer:copy()(x), layer(x))
  spec.fails("weight_norm: linear has values already; wrap a layer before it gets a name", function() mb.nn.weight_norm(mb.nn.linear(2, 2):realise("named")) end)
  spec.fails("weight_norm: relu has no weight", function() mb.nn.weight_norm(mb.nn.relu()) end)
  spec.fails("weight_norm: dim 3 is out of range: 1 to 2, or -1 to -2", function() mb.nn.weight_norm(mb.nn.linear(2, 2), { dim = 3 }) end)
end)

test("a spectrally normalised layer has its largest singular value at 1, and its vectors move in training mode alone", function()
  local layer = mb.nn.spectral_norm(mb.nn.conv2d(3, 4), { iterations = 5 }):realise("layer")
  local x = mb.randn(2, 3, 5, 5)
  for _ = 1, 20 do layer(x) end
  spec.near(mb.linalg.svdvals(layer.weight:detach():reshape(4, 27))[1]:item(), 1, 1e-4)
  local before = layer:eval():state()["parametrizations.weight.0._u"]
  layer(x)
  spec.equal(layer:state()["parametrizations.weight.0._u"], before)
  spec.fails("spectral_norm: iterations must be", function() mb.nn.spectral_norm(mb.nn.linear(2, 2), { iterations = 0 }) end)
end)

test("another beginning of a copy is drawn with its name", function()
  local one = mb.nn.linear(2, 2):realise("one")
  local copy = one:copy():init(mb.nn.init.zeros(), { roles = { "weight" } }):realise("copy")
  spec.equal(copy.weight, mb.zeros(2, 2))
  spec.equal(copy.bias, one.bias)
end)

test("another beginning of a layer whose weight is computed is the same before its name and after it", function()
  for _, of in ipairs { mb.nn.weight_norm, mb.nn.spectral_norm } do
    local init, chosen = mb.nn.init.orthogonal { gain = 2 }, { roles = { "weight" } }
    local before = of(mb.nn.linear(3, 3)):init(init, chosen):realise("layer")
    local after = of(mb.nn.linear(3, 3)):realise("layer"):init(init, chosen)
    for path, value in pairs(before:state()) do spec.equal(after:state()[path], value, path) end
  end
end)

test("a length that is chosen for itself stays", function()
  local layer = mb.nn.weight_norm(mb.nn.linear(3, 2)):init(mb.nn.init.ones(), { roles = { "norm" } }):realise("layer")
  spec.near(layer.weight:norm(2), { 1, 1 })
end)

test("the vector of an embedding's padding is stored as 0", function()
  local words = mb.nn.embedding(4, 3, { padding = 2 }):realise("words")
  spec.equal(words.weight[2], mb.zeros(3))
  spec.holds(words.weight[1]:norm():item() > 0)
end)

test("a beginning with what is not finite is told where it is written", function()
  local init, nan = mb.nn.init, 0 / 0
  spec.fails("xavier_normal: gain must be a finite number, got NaN", function() return init.xavier_normal { gain = nan } end)
  spec.fails("xavier_uniform: gain must be a finite number, got inf", function() return init.xavier_uniform { gain = 1 / 0 } end)
  spec.fails("orthogonal: gain must be a finite number, got NaN", function() return init.orthogonal { gain = nan } end)
  spec.fails("normal: mean must be a finite number, got NaN", function() return init.normal { mean = nan } end)
  spec.fails("normal: std must be a number of at least 0, got -1", function() return init.normal { std = -1 } end)
  spec.fails("kaiming_normal: slope must be a finite number, got NaN", function() return init.kaiming_normal { slope = nan } end)
  spec.fails("constant: value must be a finite number, got inf", function() return init.constant(1 / 0) end)
  spec.fails("parameter: value must be a finite number, got inf", function() return mb.nn.parameter({ 2 }, { value = 1 / 0 }) end)
  spec.fails("parameter: std must be a number of at least 0, got NaN", function() return mb.nn.parameter({ 2 }, { std = nan }) end)
end)

test("a parameter of one's own has the role that it is given", function()
  local own = mb.nn.module {
    token = mb.nn.parameter({ 1, 4 }, { std = 1, role = "bias" }),
    scale = mb.nn.parameter(mb.ones(4), { role = "norm" }),
    weight = mb.nn.parameter { 4, 4 },
    forward = function(self, x) return self.scale * x:matmul(self.weight) + self.token end,
  }
  own:init(mb.nn.init.constant(5), { roles = { "bias", "norm" } }):realise("own")
  spec.equal({ own.token:min():item(), own.scale:min():item(), own.weight:max():item() }, { 5, 5, 0 })
  spec.fails("parameter: unknown role 'biases'; did you mean 'bias'?", function() return mb.nn.parameter({ 1 }, { role = "biases" }) end)
end)
