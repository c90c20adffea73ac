-- A training in which everything lasts that can: batch norm, momentum, a slow copy, a queue, plain values, a data set in
-- the middle of its epoch, random numbers of Lua and of the runtime.
local mb = require "moonburn"

local lasting = { options = { steps = 23, lr = 0.1, batch = 6, stop = 0 }, checkpoint = { every = 4, keep = 2 } }

function lasting.setup(session, o)
  session.images    = mb.data.images("shapes", { count = 40, size = 8 })
  session.encoder   = mb.nn.sequential { mb.nn.conv2d(3, 4, { kernel = 3 }), mb.nn.batch_norm(4), mb.nn.relu(), mb.nn.global_avg_pool(), mb.nn.linear(4, 5) }
  session.follower  = session.encoder:copy():freeze()
  session.optimizer = mb.optim.sgd { lr = mb.schedule.warmup_cosine(o.lr, { warmup = 0.2 }), momentum = 0.9 }
  session.queue     = mb.randn(8, 5)
  session.state.sum = 0
  session.state.seen = { names = {}, [true] = 0.1 }
end

function lasting.episode(session, o)
  local batch, augment = session.images:next(o.batch), mb.augment.random_resized_crop { size = 8 }
  -- Labels of the step before, which may have come from a checkpoint, know their classes.
  if session:has "labels" then assert(#session.labels.classes == 10) end
  session.labels = batch:labels()
  local first, second, third = augment:apply(batch:images()), augment:apply(batch:images()), batch:views(augment)
  assert((first - second):abs():max():item() > 0 and (third - batch:views(augment)):abs():max():item() > 0)
  session:log { first = first:sum(), second = second:sum(), third = third:sum(), fourth = batch:views(augment):sum() }
  return mb.episode.views(batch, { augment = augment })
end

function lasting.loss(session, episode, o)
  local state = session.state
  state.sum = state.sum + math.random()
  state.last = mb.randn(3)
  state.seen.names[session.step] = ("step %d"):format(session.step)
  local z = session.encoder(episode.images) + 0.01 * mb.randn(2 * o.batch, 5)
  session.queue = mb.cat({ z:slice(1, 1, 2), session.queue }):slice(1, 1, 8):detach()
  session.follower:ema_update(session.encoder, 0.9)
  session:log { sum = state.sum, names = #state.seen.names, last = state.last:sum() }
  if session.step == 9 then session.encoder["0"]:freeze() end
  if not session:has "extra" then session.extra = mb.nn.linear(5, 5) end
  if session.step == o.stop then mb.stop() end
  local followed = session.follower(episode.images):detach()
  return mb.loss.nt_xent(session.extra(z), { views = 2, temperature = 0.5 }) + 0.1 * ((z - followed) ^ 2):mean() + 0.01 * (z:mean(1) - session.queue:mean(1)):abs():sum()
end

return lasting
