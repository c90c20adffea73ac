local experiment = { device = "gpuu" }

function experiment.train() end

return experiment
