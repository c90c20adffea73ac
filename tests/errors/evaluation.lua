-- A step that works, and an evaluation with the mistake that is asked for.
local mb = require "moonburn"

local experiment = { options = { mistake = "none", batch = 8, steps = 1, classes = 10 } }

function experiment.setup(session, o)
  session.images    = mb.data.images("shapes", { count = 500, size = 16 })
  session.test      = mb.data.images("shapes", { split = "test", count = 300, size = 16 })
  session.encoder   = mb.nn.sequential { mb.nn.flatten(), mb.nn.linear(768, 4) }
  session.optimizer = mb.optim.sgd { lr = 0.1 }
end

function experiment.episode(session, o)
  return session.images:next(o.batch)
end

function experiment.loss(session, batch)
  return session.encoder(batch:images()):mean()
end

local mistakes = {}

function mistakes.typo(session)
  return { accuracy = mb.evaluate.knnn(session.encoder, session.images, session.test) }
end

function mistakes.shape(session)
  return { accuracy = session.encoder(mb.zeros(2, 3, 8, 8)):mean():item() }
end

function mistakes.neighbours(session)
  return { accuracy = mb.evaluate.knn(session.encoder, session.images, session.test, { k = 501 }) }
end

function mistakes.result()
  return 7
end

function mistakes.endless()
  while not pcall(error) do mb.zeros(1):sum() end
end

-- Everything that an evaluation may ask for, of which a few images would have too little.
function mistakes.none(session)
  local evaluate, encoder = mb.evaluate, session.encoder
  local train, test = evaluate.features(encoder, session.images), evaluate.features(encoder, session.test)
  assert(#train == 500 and #test == 300)
  return {
    knn = evaluate.knn(encoder, session.images, session.test, { k = 200 }),
    knn_features = evaluate.knn_features(train, session.images:labels(), test, session.test:labels(), { k = 500 }),
    linear = evaluate.linear(encoder, session.images, session.test, { epochs = 100000 }),
    ridge = evaluate.few_shot(encoder, session.test, { ways = 10, shots = 5, queries = 25, episodes = 10000000, head = "ridge" }).accuracy,
    logistic = evaluate.few_shot(encoder, session.test, { ways = 5, shots = 5, episodes = 10000000, head = "logistic" }).accuracy,
  }
end

function experiment.evaluate(session, o)
  return mistakes[o.mistake](session)
end

return experiment
