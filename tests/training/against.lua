-- Two networks against each other, each with an optimizer of its own.
local mb = require "moonburn"

local experiment = { options = { steps = 23, stop = 0 }, checkpoint = { every = 4 } }

function experiment.setup(session)
  session.critic    = mb.nn.sequential { mb.nn.linear(2, 8), mb.nn.relu(), mb.nn.linear(8, 1) }
  session.maker     = mb.nn.sequential { mb.nn.linear(3, 8), mb.nn.relu(), mb.nn.linear(8, 2) }
  session.of_critic = mb.optim.adam { lr = 0.01, betas = { 0.5, 0.99 }, parameters = { "critic" } }
  session.of_maker  = mb.optim.adam { lr = mb.schedule.linear(0.01, 0), parameters = { "maker" } }
end

function experiment.train(session, o)
  local function weights(module) return module:copy():parameters() end
  local function is_same(module, before)
    for path, value in pairs(module:parameters()) do
      if not value:equal(before[path]) then return false end
    end
    return true
  end
  for step in session:steps() do
    local real, made = mb.randn(6, 2) + 2, session.maker(mb.randn(6, 3))
    local maker, critic = weights(session.maker), weights(session.critic)
    if step % 2 == 0 then
      session.of_critic:update((-session.critic(real)):softplus():mean() + session.critic(made:detach()):softplus():mean())
    else
      session.critic(made:detach()):softplus():mean():backward();
      (-session.critic(real)):softplus():mean():backward()
      session.of_critic:step()
      session:log { loss = 0 }
    end
    assert(is_same(session.maker, maker) and not is_same(session.critic, critic))
    critic = weights(session.critic)
    session.of_maker:update((-session.critic(made)):softplus():mean())
    assert(is_same(session.critic, critic) and not is_same(session.maker, maker))
    if step == o.stop then mb.stop() end
  end
end

return experiment
