local mb = require "moonburn"
local x = = 3
return {}
