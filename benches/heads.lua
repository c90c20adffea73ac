-- Forward and backward pass of each head for 256 classes of one support and one query embedding of 128 values.
local mb = require "moonburn"

local WAYS, WIDTH, REPEATS = 256, 128, 31
local images = mb.zeros(WAYS, 3, 1, 1)
local episode = mb.episode.of { support = images, query = images, ways = WAYS }
local embeddings = mb.randn(2 * WAYS, WIDTH)
local target = mb.randn(2 * WAYS, WIDTH)
local byol = require "moonburn.heads.byol".loss

local heads = {
  { "prototypes", require "moonburn.heads.prototypes".new {} },
  { "ridge", require "moonburn.heads.ridge".new { lambda = 1 } },
  { "nt_xent", require "moonburn.heads.nt_xent".new {} },
  { "byol", function(task, z) return byol(task, z, target) end },
  { "svm", require "moonburn.heads.svm".new { c = 0.1 } },
}

for _, entry in ipairs(heads) do
  local name, head = table.unpack(entry)
  local milliseconds = {}
  for i = 1, REPEATS do
    local z = embeddings:requires_grad()
    local start = mb.bench.seconds()
    mb.grad(head(episode, z), { z })
    milliseconds[i] = 1000 * (mb.bench.seconds() - start)
  end
  table.sort(milliseconds)
  mb.bench.report(name, milliseconds[REPEATS // 2 + 1], milliseconds[1], milliseconds[REPEATS])
end
