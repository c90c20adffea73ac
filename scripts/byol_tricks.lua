-- BYOL with the meta-learning tricks of Ni et al. (ICLR 2022): some images are turned by a multiple of 90 degrees, all
-- views alike, and so are further classes; some views are turned on their own, and a classifier must tell by how much.
-- With mix = true queries are mixed, too.
local experiment = require "byol"

local options = experiment.options --[[@as table]]
options.rotate = 0.1
options.rotated = 0.25
options.rotation_weight = 0.1
options.anneal = true

return experiment
