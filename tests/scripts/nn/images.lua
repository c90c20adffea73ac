local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

local function convolved(options, weight, x)
  options.bias = false
  return mb.nn.conv2d(x.shape[2], weight.shape[1], options):realise("layer"):functional_call({ weight = weight }, x)
end

test("a convolution of the same size is one that is padded by as much as is needed", function()
  local x, w = mb.rand(2, 1, 5, 6), mb.rand(3, 1, 4, 3)
  local y = convolved({ kernel = { 4, 3 }, padding = "same" }, w, x)
  spec.near(y, convolved({ kernel = { 4, 3 } }, w, x:pad { 1, 1, 1, 2 }))
  spec.fails("conv2d: stride must be 1 for a padding of \"same\", got 2", function() return mb.nn.conv2d(1, 1, { stride = 2, padding = "same" }) end)
  spec.fails("conv2d: padding must be a number, or \"same\", got 'full'", function() return mb.nn.conv2d(1, 1, { padding = "full" }) end)
end)

test("an image is padded by what the mode says", function()
  local x, w = mb.rand(2, 1, 5, 6), mb.rand(1, 1, 3, 3)
  for _, mode in ipairs { "reflect", "replicate", "circular" } do
    local y = convolved({ padding = { 1, 2 }, padding_mode = mode }, w, x)
    spec.near(y, convolved({}, w, x:pad({ 2, 2, 1, 1 }, { mode = mode })))
  end
  spec.fails("conv2d: unknown padding_mode 'mirror'", function() return mb.nn.conv2d(1, 1, { padding_mode = "mirror" }) end)
end)

test("a one-dimensional convolution is one of a row", function()
  local x, layer = mb.rand(2, 3, 9), mb.nn.conv1d(3, 4, { kernel = 5, padding = 2, dilation = 2 }):realise("layer")
  local rows = mb.nn.conv2d(3, 4, { kernel = { 1, 5 }, padding = { 0, 2 }, dilation = 2 }):realise("rows")
  local y = rows:functional_call({ weight = layer.weight:unsqueeze(3), bias = layer.bias }, x:unsqueeze(3))
  spec.near(layer(x), y:squeeze(3))
end)

test("a transposed convolution is the gradient of a convolution by its image", function()
  local options = { kernel = { 3, 2 }, stride = 2, padding = { 1, 0 }, bias = false }
  local down = mb.nn.conv2d(3, 4, options):realise("down")
  local x = mb.rand(2, 3, 6, 8):requires_grad()
  local y = down(x)
  local by = mb.rand(y.shape)
  options.output_padding = { 1, 0 }
  local up = mb.nn.conv_transpose2d(4, 3, options):realise("up")
  spec.near(up:functional_call({ weight = down.weight }, by), mb.grad((y * by):sum(), { x })[1])
  spec.fails("conv_transpose2d: output_padding must be below the stride, 1, got 1", function()
    return mb.nn.conv_transpose2d(4, 3, { output_padding = 1 })
  end)
end)

test("images are resized by neighbours or along lines", function()
  local x = mb.tensor { { { { 1.0, 2.0 }, { 3.0, 4.0 } } } }
  spec.equal(mb.nn.upsample({ scale = 2 })(x)[1][1][1], { 1, 1, 2, 2 })
  spec.near(mb.nn.upsample({ size = 3, mode = "bilinear", align_corners = true })(x)[1][1], { { 1, 1.5, 2 }, { 2, 2.5, 3 }, { 3, 3.5, 4 } })
  spec.fails("upsample: size or scale must be given, and not both, got both", function() return mb.nn.upsample { size = 3, scale = 2 } end)
  spec.fails("upsample: unknown mode 'cubic'", function() return mb.nn.upsample { size = 3, mode = "cubic" } end)
end)

test("pooling to a size covers the image", function()
  local x = mb.range(1, 7):cast("float32"):reshape(1, 1, 1, 7)
  spec.near(mb.nn.adaptive_avg_pool2d({ 1, 3 })(x)[1][1][1], { 2, 4, 6 })
  spec.near(mb.nn.adaptive_max_pool2d({ 1, 3 })(x)[1][1][1], { 3, 5, 7 })
  spec.fails("adaptive_avg_pool2d: size must be at least 1, got 0", function() return mb.nn.adaptive_avg_pool2d(0) end)
end)

test("pixels that are shuffled come back", function()
  local x = mb.rand(2, 12, 3, 4)
  local y = mb.nn.pixel_shuffle(2)(x)
  spec.equal(y.shape, { 2, 3, 6, 8 })
  -- Channels of a pixel are its rows, then its columns.
  spec.equal({ y[1][1][1][1]:item(), y[1][1][1][2]:item(), y[1][1][2][1]:item() }, { x[1][1][1][1]:item(), x[1][2][1][1]:item(), x[1][3][1][1]:item() })
  spec.equal(mb.nn.pixel_unshuffle(2)(y), x)
end)
