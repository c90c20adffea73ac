-- Tables of tensors that bear the same names, such as the gradients of a network, as vectors.
local vectors = {}

--- f of the tensors of each name.
---@param f fun(...: moonburn.Tensor): moonburn.Tensor
---@param first table<string, moonburn.Tensor>
---@param ... table<string, moonburn.Tensor>
---@return table<string, moonburn.Tensor>
function vectors.map(f, first, ...)
  local result, others = {}, { ... }
  for name, tensor in pairs(first) do
    local arguments = { tensor }
    for i, other in ipairs(others) do arguments[i + 1] = other[name] end
    result[name] = f(table.unpack(arguments))
  end
  return result
end

--- a + scale · b.
---@param a table<string, moonburn.Tensor>
---@param scale number|moonburn.Tensor
---@param b table<string, moonburn.Tensor>
---@return table<string, moonburn.Tensor>
function vectors.add(a, scale, b)
  return vectors.map(function(x, y) return x + scale * y end, a, b)
end

--- The inner product, a scalar tensor.
---@param a table<string, moonburn.Tensor>
---@param b table<string, moonburn.Tensor>
---@return moonburn.Tensor
function vectors.dot(a, b)
  local sum = 0 ---@type any
  for _, product in pairs(vectors.map(function(x, y) return (x * y):sum() end, a, b)) do sum = sum + product end
  return sum
end

--- Conjugate gradients from 0 (Hestenes and Stiefel 1952) for A x = b, where product(p) is A p.
---@param product fun(p: table<string, moonburn.Tensor>): table<string, moonburn.Tensor>
---@param b table<string, moonburn.Tensor>
---@param steps integer
---@return table<string, moonburn.Tensor>
function vectors.solve(product, b, steps)
  local x, r, p, rr = vectors.map(function(tensor) return 0 * tensor end, b), b, b, vectors.dot(b, b)
  for _ = 1, steps do
    local ap = product(p)
    local alpha, before = rr / vectors.dot(p, ap), rr
    x, r = vectors.add(x, alpha, p), vectors.add(r, -alpha, ap)
    rr = vectors.dot(r, r)
    p = vectors.add(r, rr / before, p)
  end
  return x
end

return vectors
