local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

test("a state that is handed on gives the same as the whole sequence", function()
  local x = mb.randn(2, 6, 3)
  for _, name in ipairs { "gru", "lstm" } do
    local layer = mb.nn[name](3, 4, { layers = 2 }):realise(name)
    local whole = layer(x)
    local first, h, c = layer(x:slice(2, 1, 4))
    local rest = c and layer(x:slice(2, 5, 6), h, c) or layer(x:slice(2, 5, 6), h)
    spec.near(mb.cat({ first, rest }, 2), whole)
  end
end)

test("a step of gru is what its formula says", function()
  local gru = mb.nn.gru(3, 2):realise("gru")
  local x, h = mb.randn(1, 1, 3), mb.randn(1, 1, 2)
  local a = gru.weight_ih_l0:matmul(x[1][1]) + gru.bias_ih_l0
  local b = gru.weight_hh_l0:matmul(h[1][1]) + gru.bias_hh_l0
  local r, z = (a + b):slice(1, 1, 2):sigmoid(), (a + b):slice(1, 3, 4):sigmoid()
  local n = (a:slice(1, 5, 6) + r * b:slice(1, 5, 6)):tanh()
  local y = gru(x, h)
  spec.near(y[1][1], (1 - z) * n + z * h[1][1])
end)

test("mistakes with recurrent layers are told", function()
  local gru = mb.nn.gru(3, 2):realise("gru")
  spec.fails("gru: wants [N, L, 3] or [L, 3], got shape [2, 5, 4]", function() return gru(mb.ones(2, 5, 4)) end)
  spec.fails("gru: wants a state [1, 2, 2], got shape [1, 2, 3]", function() return gru(mb.ones(2, 5, 3), mb.ones(1, 2, 3)) end)
  spec.fails("chain.0: gru: it returns 2 values", function() return mb.nn.sequential({ mb.nn.gru(3, 2) }):realise("chain")(mb.ones(2, 5, 3)) end)
  spec.fails("lstm: hidden must be a positive integer, got 0", function() return mb.nn.lstm(3, 0) end)
end)
