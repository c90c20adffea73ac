-- NNCLR (Dwibedi et al., ICCV 2021): the positive of a view is not another view of its image alone, but what lies nearest to
-- that among embeddings of earlier batches. These are a tensor of the session, in which each step writes some rows.
local mb = require "moonburn"
local self_supervised = require "moonburn.self_supervised"

---@type moonburn.Script
local experiment = {
  options = self_supervised.options {
    temperature = 0.1, -- divides the logits
    queue = 1024,      -- embeddings that are remembered: a multiple of the batch
    epochs = 16,
    crop = 0.5,        -- milder views than SimCLR's, which suit a short training
    jitter = 0.5,
    grayscale = 0.2,
  },
  evaluate = self_supervised.evaluate,
}

function experiment.setup(session, o)
  self_supervised.refuse(o, { "shots", "queries", "crops", "rotations", "mix", "rotated" })
  if o.queue % o.batch > 0 then error(("nnclr: queue must be a multiple of the batch, %d, got %d"):format(o.batch, o.queue)) end
  self_supervised.setup(session, o)
  session.predictor   = mb.nn.sequential { mb.nn.linear(o.embedding, 4 * o.embedding, { bias = false }),
    mb.nn.batch_norm(4 * o.embedding), mb.nn.relu(), mb.nn.linear(4 * o.embedding, o.embedding) }
  session.queue       = mb.randn(o.queue, o.embedding):normalize()
end

-- The nearest neighbour of each row of z must find the prediction of the same row among all.
local function loss_of(queue, z, predicted, temperature)
  local nearest = queue[z:matmul(queue:transpose()):argmax()]
  return mb.loss.cross_entropy(nearest:matmul(predicted:transpose()) / temperature, mb.range(1, z.shape[1]))
end

function experiment.train(session, o)
  for step in session:steps() do
    local episode, queue = self_supervised.episode(session, o), session.queue
    local embeddings = self_supervised.embed(session, episode)
    local a, b = episode:split(embeddings:detach():normalize())
    local of_a, of_b = episode:split(session.predictor(embeddings):normalize())
    session:update((loss_of(queue, a[1], of_b[1], o.temperature) + loss_of(queue, b[1], of_a[1], o.temperature)) / 2)
    local first = (step - 1) * o.batch % o.queue + 1
    -- What overflowed in float16 must not stay.
    if not session.skipped then queue[{ { first, first + o.batch - 1 } }] = a[1] end
  end
end

return experiment
