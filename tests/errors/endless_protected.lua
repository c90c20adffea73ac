local experiment = require "lib.tiny"

-- Every error is caught, an interrupt's must not be.
function experiment.loss(session, x)
  while session.step == 2 do
    pcall(function() while true do end end)
  end
  return session.head(x):mean()
end

return experiment
