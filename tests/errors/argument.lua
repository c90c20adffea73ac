local mb = require "moonburn"
local x = mb.zeros(2, 3)
local y = x:matmul("hello")
return {}
