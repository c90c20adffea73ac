-- Views of two sizes in one episode. Those that mb.episode.views makes: tests/training/multi_crop.lua.
local mb = require "moonburn"
local spec = require "spec"
local test = spec.test

-- 2 shots, 1 query and 3 crops of each of 4 classes.
local function episode(more)
  local parts = { support = mb.rand(8, 3, 12, 12), query = mb.rand(4, 3, 12, 12), ways = 4, crops = mb.rand(12, 3, 6, 6) }
  for name, value in pairs(more or {}) do parts[name] = value end
  return mb.episode.of(parts)
end

test("an episode with crops says which rows are which", function()
  local e = episode()
  spec.equal({ e.ways, e.shots, e.queries, e.crops, e.views, #e }, { 4, 2, 1, 3, 6, 24 })
  spec.equal({ e.images.shape, e.crop_images.shape }, { { 12, 3, 12, 12 }, { 12, 3, 6, 6 } })
  spec.equal({ e.support_images.shape, e.query_images.shape }, { { 1, 8, 3, 12, 12 }, { 1, 4, 3, 12, 12 } })
  spec.equal(mb.cat { e.support_images[1], e.query_images[1] }, e.images)
  spec.equal(e.query_labels, { { 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4 } })
  local fields = {}
  for _, size in ipairs(e.sizes) do fields[#fields + 1] = { size.first, size.last, size.views, size.height, size.width } end
  spec.equal(fields, { { 1, 12, 3, 12, 12 }, { 13, 24, 3, 6, 6 } })
  spec.equal(tostring(e), "1 task of 4 ways, 2 shots, 1 query and 3 crops each, images [12, 3, 12, 12] and [12, 3, 6, 6]")
  spec.holds(e.layout:find("queries before crops") and e.view_major)
end)

test("an episode of one size says so, too", function()
  local e = mb.episode.of { support = mb.rand(2, 2, 3, 4, 5), query = mb.rand(2, 4, 3, 4, 5), ways = 2 }
  local size = e.sizes[1]
  spec.equal({ #e.sizes, size.first, size.last, size.views, size.height, size.width }, { 1, 1, 12, 3, 4, 5 })
  spec.equal({ e.crops, e.crop_images }, { 0 })
  spec.equal(e:embed(function(x) return x:flatten(2) end), e.images:flatten(2))
end)

test("one view of one crop is enough, and crops may have the size of the other views, which are embedded with them", function()
  for _, size in ipairs { 12, 6 } do
    local e, calls = episode { support = mb.rand(4, 3, 12, 12), crops = mb.rand(4, 3, size, size) }, {}
    local z = e:embed(function(x)
      calls[#calls + 1] = #x
      return x:mean { 3, 4 }
    end)
    spec.equal({ e.crops, e.views, #e }, { 1, 3, 12 })
    spec.equal(calls, size == 12 and { 12 } or { 8, 4 })
    spec.near(z, mb.cat { e.images:mean { 3, 4 }, e.crop_images:mean { 3, 4 } })
    spec.equal({ #e.sizes, e.sizes[#e.sizes].last }, { size == 12 and 1 or 2, 12 })
  end
end)

test("split has crops among the queries, so that heads are as of an episode with these rows", function()
  local e = episode()
  local z = mb.randn(24, 5)
  local support, query = e:split(z)
  spec.equal(support[1], z:slice(1, 1, 8))
  spec.equal(query[1], z:slice(1, 9, 24))
  local same = mb.episode.of { support = mb.rand(8, 3, 2, 2), query = mb.rand(16, 3, 2, 2), ways = 4 }
  for _, name in ipairs { "nt_xent", "prototypes", "ridge", "svm" } do
    local head = require "moonburn.heads.named"(name)
    spec.near(head(e, z), head(same, z))
  end
  local byol = require "moonburn.heads.byol"
  spec.near(byol.loss(e, z, z + 1), byol.loss(same, z, z + 1))
  local prototypes = z:slice(1, 1, 8):normalize():reshape(2, 4, 5):mean(1)
  local logits = -mb.linalg.squared_distances(z:slice(1, 9, 24):normalize(), prototypes) / 0.5
  local labels = mb.cat { mb.range(1, 4), mb.range(1, 4), mb.range(1, 4), mb.range(1, 4) }
  spec.near(require "moonburn.heads.prototypes".new()(e, z), mb.loss.cross_entropy(logits, labels))
  spec.fails("split: wants the embeddings of 24 rows, got shape [12, 5]", function() e:split(z:slice(1, 1, 12)) end)
end)

test("an encoder is one module for both sizes, with gradients from both", function()
  local e = episode()
  local encoder = mb.nn.sequential { mb.nn.conv2d(3, 4, { kernel = 3 }), mb.nn.global_avg_pool() }:realise("encoder")
  local z = e:embed(encoder)
  spec.equal(z, mb.cat { encoder(e.images), encoder(e.crop_images) })
  local both = mb.grad((z ^ 2):sum(), encoder:parameters())
  local large, small = mb.grad((encoder(e.images) ^ 2):sum(), encoder:parameters()), mb.grad((encoder(e.crop_images) ^ 2):sum(), encoder:parameters())
  for path, gradient in pairs(both) do spec.near(gradient, large[path] + small[path], 1e-4) end
end)

test("what cannot embed is an error that says why", function()
  local e = episode()
  spec.fails("embed: wants an encoder that returns 12 rows for as many images, got shape [3]", function()
    e:embed(function(x) return x:mean { 1, 3, 4 } end)
  end)
  spec.fails("embed: shapes differ: [12, 432] and [12, 108]", function() e:embed(mb.nn.flatten()) end)
  spec.fails("embed: encoder must be a module, or a function of images, got a Tensor", function() e:embed(e.images --[[@as any]]) end)
  spec.fails("what the encoder returns must be a tensor, got nothing", function() e:embed(function() end) end)
  spec.fails("no way", function() e:embed(function() error("no way") end) end)
end)

test("crops that do not fit are errors", function()
  local function fails(text, more) spec.fails("of: " .. text, function() episode(more) end) end
  for _, shape in ipairs { { 6, 3, 4, 4 }, { 4, 1, 4, 4 }, { 0, 3, 4, 4 }, { 4, 3, 0, 4 }, { 4, 3, 4 } } do
    local text = ("wants crops [V · 4, 3, h, w], as many of each of the 4 ways, got shape [%s]"):format(table.concat(shape, ", "))
    fails(text, { crops = mb.zeros(shape) })
  end
  fails("wants a float32 tensor, got int32", { crops = mb.zeros(4, 3, 2, 2):cast("int32") })
  local two = { support = mb.rand(2, 4, 3, 4, 4), query = mb.rand(2, 4, 3, 4, 4), crops = mb.rand(8, 3, 2, 2) }
  fails("crops must be left out in an episode of several tasks, got 2 tasks", two)
end)

test("crops of labelled rows are view-major all the same", function()
  local e = episode { query = mb.rand(3, 3, 12, 12), query_labels = mb.tensor { 4, 1, 1 }, crops = mb.rand(8, 3, 6, 6) }
  spec.equal({ e.view_major, e.crops }, { false, 2 })
  spec.equal(e.query_labels, { { 4, 1, 1, 1, 2, 3, 4, 1, 2, 3, 4 } })
  spec.equal(e.query_images.shape, { 1, 3, 3, 12, 12 })
end)

test("mixed queries leave crops alone, and their partners are themselves", function()
  local e = episode { query = mb.rand(8, 3, 12, 12) }
  local mixed = e:mix_queries { cutmix = 0 }
  spec.equal(mixed.crop_images, e.crop_images)
  spec.equal(mixed.support_images, e.support_images)
  spec.holds(not mixed.query_images:equal(e.query_images))
  local rows = mb.range(1, #e):cast("float32"):unsqueeze(2)
  local moved = mixed:partners(rows)
  spec.equal(moved:slice(1, 1, 8), rows:slice(1, 1, 8))
  spec.equal(moved:slice(1, 17, 28), rows:slice(1, 17, 28))
  spec.equal(moved:reshape(-1):sort(1), rows:reshape(-1))
end)

test("rotated views are among crops as well, and wanted square", function()
  local e = episode()
  local rotated = e:rotate_views { fraction = 1 }
  spec.equal(rotated.rotated_rows, mb.range(1, 24))
  local crops, turned = e.crop_images --[[@as moonburn.Tensor]], rotated.crop_images --[[@as moonburn.Tensor]]
  for row = 1, 12 do
    local image = crops[row]
    for _ = 2, rotated.rotations[12 + row]:item() do image = image:transpose(2, 3):flip(2) end
    spec.equal(turned[row], image)
  end
  spec.fails("rotate_views: wants square images, got shape [12, 3, 4, 6]", function()
    episode { crops = mb.rand(12, 3, 4, 6) }:rotate_views()
  end)
end)

test("a picture shows crops below the others, in tiles of the same size", function()
  local file = mb.spec.folder() .. "crops.png"
  local function height(e)
    e:save_sheet(file)
    return mb.io.load_image(file).shape[2]
  end
  local queries = { support = mb.rand(8, 3, 12, 12), query = mb.rand(4, 3, 12, 12), ways = 4 }
  local without, with = height(mb.episode.of(queries)), height(episode())
  -- Six rows of tiles in the place of three, and another gap between parts.
  spec.holds(with > 1.9 * without and with < 2.2 * without, ("%d and %d"):format(without, with))
  local red = mb.tensor({ 1, 0, 0 }, "float32"):reshape(1, 3, 1, 1):expand(4, 3, 2, 2)
  episode({ crops = red }):save_sheet(file)
  local picture = mb.io.load_image(file)
  local bottom = picture:index(1, 1):slice(1, picture.shape[2] - 20, picture.shape[2] - 10):amax():item()
  spec.near(bottom, 1)
end)
