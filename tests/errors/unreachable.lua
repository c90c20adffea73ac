local experiment = require "lib.tiny"
experiment.checkpoint = { every = 1 }

-- Few instructions, each of which takes long: no hook looks between them.
function experiment.loss(session, x)
  local text = session.step == 2 and ("x"):rep(1 << 28) or nil
  while text do local _ = text .. "y" end
  return session.head(x):mean()
end

return experiment
