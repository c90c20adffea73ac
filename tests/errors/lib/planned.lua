local planned = {}

function planned.plan(session, o)
  local steps = session.images:steps(o.batch)
  session:plan(o.epochs * steps)
end

return planned
