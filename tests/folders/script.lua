-- Reads a folder twice, for training and for an evaluation, and does nothing else.
local mb = require "moonburn"
local experiment = { options = { images = "", transparent = "white", steps = 1 } }

function experiment.setup(session, options)
  session.images = mb.data.images(options.images, { transparent = options.transparent })
end

function experiment.train(session, options)
  local test = mb.data.images(options.images, { split = "test" })
  for _ in session:steps() do
    print(#session.images, #test, #test)
    print(session.images:pick({ 1 }):images():mean():item())
  end
end

return experiment
