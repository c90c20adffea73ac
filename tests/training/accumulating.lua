-- A batch at once, or in three parts whose gradients add up, or with one of the parts as the update's own loss.
local mb = require "moonburn"

local accumulating = { options = { steps = 6, lr = 0.1, way = "at once", rule = "sgd" } }

function accumulating.setup(session, o)
  session.images    = mb.data.images("shapes", { count = 40, size = 8 })
  session.network   = mb.nn.sequential { mb.nn.flatten(), mb.nn.linear(192, 8), mb.nn.relu(), mb.nn.linear(8, 10) }
  session.optimizer = mb.optim[o.rule] { lr = o.lr, momentum = 0.9, weight_decay = 1e-3 }
end

function accumulating.train(session, o)
  for _ in session:steps() do
    local batch = session.images:next(6)
    local images, labels = batch:images(), batch:labels()
    local function loss(first, last)
      local scores = session.network(images:slice(1, first, last))
      return mb.loss.cross_entropy(scores, labels:slice(1, first, last))
    end
    session:log { whole = mb.no_grad(function() return loss(1, 6) end) }
    if o.way == "at once" then
      session:update(loss(1, 6))
    else
      for first = 1, 3, 2 do (loss(first, first + 1) / 3):backward() end
      local last = loss(5, 6) / 3
      if o.way == "parts" then
        last:backward()
        session:update()
      else
        session:update(last)
      end
    end
  end
end

return accumulating
