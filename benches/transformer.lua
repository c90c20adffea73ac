-- What the parts of a small vision transformer take on one thread, forward, and forward and backward: 64 images of 65 tokens
-- of 64 values, 4 heads. Prints a part, which of the two, and milliseconds of the processor's time. `transformer.py` runs it.
local mb = require "moonburn"

local IMAGES, TOKENS, SIZE, HEADS = 64, 65, 64, 4
local CALLS, TURNS = 20, 5

---@type moonburn.Script
local experiment = { options = {} }

-- The least of a few turns.
local function milliseconds(f)
  for _ = 1, 3 do f() end
  local least = math.huge
  for _ = 1, TURNS do
    local start = os.clock()
    for _ = 1, CALLS do f() end
    least = math.min(least, (os.clock() - start) / CALLS * 1000)
  end
  return least
end

local function report(name, module, size)
  local input = mb.randn(IMAGES, TOKENS, size)
  local by = mb.randn_like(module(input))
  local forward = milliseconds(function() mb.no_grad(function() return module(input) end) end)
  local leaf = input:requires_grad()
  local both = milliseconds(function() module(leaf):backward { gradient = by } end)
  print(("%s|%.4f|%.4f"):format(name, forward, both))
end

function experiment.setup(session)
  session:plan(1)
  session.linear    = mb.nn.linear(SIZE, 3 * SIZE)
  session.wider     = mb.nn.linear(SIZE, 4 * SIZE)
  session.narrower  = mb.nn.linear(4 * SIZE, SIZE)
  session.norm      = mb.nn.layer_norm(SIZE)
  session.attention = mb.nn.multi_head_attention(SIZE, { heads = HEADS })
  session.block     = mb.nn.transformer_block(SIZE, { heads = HEADS })
end

function experiment.train(session)
  for _ in session:steps() do
    report("linear 64 to 192", session.linear, SIZE)
    report("linear 64 to 256", session.wider, SIZE)
    report("linear 256 to 64", session.narrower, 4 * SIZE)
    report("layer norm", session.norm, SIZE)
    report("gelu of 256", mb.nn.gelu(), 4 * SIZE)
    report("softmax", function(x) return x:softmax(-1) end, 4 * SIZE)
    report("attention, 4 heads", session.attention, SIZE)
    report("a block", session.block, SIZE)
    -- Nothing is to be learnt from what has been added up.
    for _, part in ipairs { session.linear, session.wider, session.narrower, session.norm, session.attention, session.block } do
      part:zero_grad()
    end
  end
end

return experiment
