-- Names of old, which are told once each.
local mb = require "moonburn"

return {
  train = function()
    for i = 1, 3 do
      local x = mb.arange(1, 3)
      print(x:select(1, { i }):item(), x:at(i):item())
    end
    print(mb.arange(1, 2):numel())
  end,
}
