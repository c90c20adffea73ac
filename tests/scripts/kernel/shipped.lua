-- The kernels of the worked examples, against what their first comments say.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

test("swish and its gradient are those of the formula", function()
  local swish = mb.kernel("swish.wgsl", { backward = "swish_backward.wgsl" })
  for _, count in ipairs { 1, 65, 300 } do
    local values = mb.randn(count) * 3
    local x, y = values:requires_grad(), values:requires_grad()
    local got, want = swish { x = x, beta = 1.7 }, y * (1.7 * y):sigmoid()
    spec.near(got, want)
    spec.near(mb.grad((got * got):sum(), { x })[1], mb.grad((want * want):sum(), { y })[1])
  end
end)

-- ripple.wgsl, pixel by pixel.
local function bent(images, draws, strength, hole)
  local count, height, width = #images, #images[1][1], #images[1][1][1]
  local function at(plane, x, y)
    return plane[math.max(0, math.min(height - 1, y)) + 1][math.max(0, math.min(width - 1, x)) + 1]
  end
  local turn, result = 2 * math.pi, {}
  for n = 1, count do
    local d, planes = draws[n], {}
    local dx, dy = math.cos(turn * d[1]), math.sin(turn * d[1])
    for c = 1, 3 do
      local plane = {}
      for row = 0, height - 1 do
        plane[row + 1] = {}
        for column = 0, width - 1 do
          local px, py = (column + 0.5) / width, (row + 0.5) / height
          local wave = math.sin(turn * ((1 + 2 * d[3]) * (dx * px + dy * py) + d[2]))
          local x, y = (px - dy * strength * wave) * width - 0.5, (py + dx * strength * wave) * height - 0.5
          local left, top = math.floor(x), math.floor(y)
          local a, b = x - left, y - top
          local source = images[n][c]
          local above = at(source, left, top) * (1 - a) + at(source, left + 1, top) * a
          local below = at(source, left, top + 1) * (1 - a) + at(source, left + 1, top + 1) * a
          local inside = math.abs(px - d[4]) < hole / 2 and math.abs(py - d[5]) < hole / 2
          plane[row + 1][column + 1] = inside and 0.5 or above * (1 - b) + below * b
        end
      end
      planes[c] = plane
    end
    result[n] = planes
  end
  return result
end

test("ripple bends images as its formula says, whatever their size", function()
  local ripple = mb.kernel("ripple.wgsl")
  for _, size in ipairs { { 1, 1, 1 }, { 2, 7, 9 }, { 3, 16, 11 } } do
    local count, height, width = table.unpack(size)
    local images, draws = mb.rand(count, 3, height, width), mb.rand(count, 5)
    local got = ripple { images = images, draws = draws, height = height, width = width, strength = 0.15, hole = 0.3 }
    spec.near(got, bent(images:to_table(), draws:to_table(), 0.15, 0.3), 1e-4)
  end
end)
