-- A training in which layers draw: dropout, stochastic depth, attention that drops weights, and a recomputed part. A run
-- away on the way.
local mb = require "moonburn"

local dropping = {
  options = { steps = 17, runaway = 0, recompute = true, stop = 0 },
  recover = { rewind = 5, lr = 0.5, times = 1 },
  checkpoint = { every = 4 },
}

-- The loss is infinite once, and not again after the run was taken back.
local has_run_away = false

function dropping.setup(session, o)
  session.entry     = mb.nn.sequential { mb.nn.linear(3, 6), mb.nn.dropout(0.3), mb.nn.gelu() }
  session.block     = mb.nn.transformer_block(6, { heads = 2, drop = 0.2, attn_drop = 0.2, drop_path = 0.3 })
  session.memory    = mb.nn.gru(6, 4, { layers = 2, dropout = 0.4 })
  session.head      = mb.nn.module {
    out = mb.nn.linear(4, 2),
    drop = mb.nn.dropout(0.1),
    forward = function(self, x) return self.out(self.drop(x)) end,
  }
  session.optimizer = mb.optim.adam { lr = 0.01 }
end

function dropping.train(session, o)
  for step in session:steps() do
    local x = mb.randn(5, 4, 3)
    local function part(x) return session.block(session.entry(x)) end
    local z = o.recompute and mb.recompute(part, x) or part(x)
    local outputs = session.memory(z)
    local y = mb.nn.scaled_dot_product_attention(outputs, outputs, outputs, { dropout = 0.2, causal = true })
    local loss = ((session.head(y) - x:slice(3, 1, 2)) ^ 2):mean()
    if step == o.runaway and not has_run_away then
      has_run_away, loss = true, loss / 0
    end
    session:update(loss)
    if step == o.stop then mb.stop() end
  end
end

return dropping
