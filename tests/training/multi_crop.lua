-- Views of two sizes in one episode, and what changes them. Asserts what such an episode must be.
local mb = require "moonburn"

local experiment = { options = { steps = 3, crops = 3 } }

local function crop(size, scale) return mb.augment.random_resized_crop { size = size, scale = scale or { 0.2, 1 } } end

local function fails(text, batch, crops)
  local ok, message = pcall(mb.episode.views, batch, { augment = crop(8), crops = crops })
  assert(not ok and tostring(message):find(text, 1, true), tostring(message))
end

function experiment.setup(session)
  session.images    = mb.data.images("shapes", { count = 40, size = 16 })
  session.encoder   = mb.nn.sequential { mb.nn.conv2d(3, 8, { kernel = 3 }), mb.nn.relu(), mb.nn.global_avg_pool() }
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

function experiment.episode(session, o)
  local batch, plain = session.images:next(4), mb.augment.chain {}
  local same = mb.episode.views(batch, { augment = crop(8), crops = { augment = crop(8), views = 1 } })
  assert(#same == 12 and #same.sizes == 1 and #same.crop_images == 4 and not same.crop_images:equal(same.query_images[1]))
  -- A class that is turned has all its views turned.
  local turned = mb.episode.views(batch, { augment = plain, rotations = 4, crops = { augment = plain, views = 2 } })
  local first = turned.images:slice(1, 1, 16)
  assert(turned.ways == 16 and turned.views == 4 and not first[1]:equal(first[5]))
  assert(turned.crop_images:equal(mb.cat { first, first }))
  fails("views: crops: augment must be given, got nothing", batch, {})
  fails("views: crops: augment must be an augmentation, got 3", batch, { augment = 3 })
  fails("views: crops: views must be a positive integer, got 0", batch, { augment = crop(4), views = 0 })
  fails("views: crops: unknown option 'view'; did you mean 'views'?", batch, { augment = crop(4), view = 2 })
  fails("views: crops must be a table of options, got 6", batch, 6)
  fails("shots, queries and crops must be 65535 together at most, got 65537", batch, { augment = crop(4), views = 65535 })
  return mb.episode.views(batch, { augment = crop(12), crops = { augment = crop(6, { 0.1, 0.3 }), views = o.crops } })
end

function experiment.loss(session, episode, o)
  assert(#episode == 4 * (2 + o.crops))
  local support, query = episode:split(episode:embed(session.encoder))
  assert(query.shape[2] == 4 * (1 + o.crops))
  return mb.linalg.squared_distances(query, support):mean() + 1
end

return experiment
