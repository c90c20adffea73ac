-- What an operation on four elements costs, beside PyTorch's eager one: by turns, in the time of the processor, which
-- others on the machine change little.
local mb = require "moonburn"

local TURNS, CALLS = 10, 10000
local x, y = mb.tensor { 0.5, -1, 2, 0.25 }, mb.tensor { 1, 2, -3, 0.5 }
local a, b = x:reshape(2, 2), y:reshape(2, 2)
local p, q = x:requires_grad(), y:requires_grad()

-- Each has a loop of its own, since a call of a function would cost as much as what it measures.
local loops = {
  { "loop", function()
    for _ = 1, CALLS do end
  end },
  { "add", function()
    for _ = 1, CALLS do local _ = x + y end
  end },
  { "add_number", function()
    for _ = 1, CALLS do local _ = x + 1 end
  end },
  { "relu", function()
    for _ = 1, CALLS do local _ = x:relu() end
  end },
  { "softmax", function()
    for _ = 1, CALLS do local _ = x:softmax() end
  end },
  { "index", function()
    for _ = 1, CALLS do local _ = x[1] end
  end },
  { "shape", function()
    for _ = 1, CALLS do local _ = x.shape end
  end },
  { "matmul", function()
    for _ = 1, CALLS do local _ = a:matmul(b) end
  end },
  { "sum", function()
    for _ = 1, CALLS do local _ = x:sum() end
  end },
  { "reshape", function()
    for _ = 1, CALLS do local _ = x:reshape(2, 2) end
  end },
  { "add_backward", function()
    for _ = 1, CALLS do local _ = mb.grad((p + q):sum(), { p, q }) end
  end },
}

for turn = 0, TURNS do
  for _, entry in ipairs(loops) do
    local name, loop = table.unpack(entry)
    local start = os.clock()
    loop()
    local nanoseconds = (os.clock() - start) / CALLS * 1e9
    -- The first turn warms both up.
    mb.bench.turn(name, nanoseconds, CALLS, turn > 0)
  end
end
