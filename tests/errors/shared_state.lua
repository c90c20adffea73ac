local experiment = { options = { steps = 1 } }

function experiment.setup(session)
  local tables = {}
  for _ = 1, 25 do tables = { tables, tables } end
  session.state.tables = tables
end

function experiment.train(session)
  for _ in session:steps() do end
end

return experiment
