-- The networks of masked autoencoders (He et al., CVPR 2022): a transformer of the patches that are seen, and a smaller one that
-- paints all.
local mb = require "moonburn"

local masked_autoencoder = {}

--- [N, 3, H, W] to [N, patches, 3 · patch²].
---@param images moonburn.Tensor
---@param patch moonburn.Integer
---@return moonburn.Tensor
function masked_autoencoder.patches(images, patch)
  local count, _, height, width = table.unpack(images.shape)
  local rows, columns = height // patch, width // patch
  return images:reshape(count, 3, rows, patch, columns, patch):permute(1, 3, 5, 2, 4, 6):reshape(count, rows * columns, -1)
end

--- Of x [N, n, d] the rows at places [N, m], from 1.
---@param x moonburn.Tensor
---@param places moonburn.Tensor
---@return moonburn.Tensor
function masked_autoencoder.rows(x, places)
  return x:gather(2, places:unsqueeze(3):expand(places.shape[1], places.shape[2], x.shape[3]))
end

local function transformer(dim, heads, depth)
  local blocks = {}
  for i = 1, depth do blocks[i] = mb.nn.transformer_block(dim, { heads = heads }) end
  return mb.nn.sequential(blocks)
end

--- Images to the tokens of the patches at some places, [N, m, dim]; to the mean of all, [N, dim], where none are given.
---@param o moonburn.Options With size, patch, dim, depth and heads.
---@return moonburn.Module
function masked_autoencoder.encoder(o)
  return mb.nn.module {
    embed   = mb.nn.linear(3 * o.patch * o.patch, o.dim),
    place   = mb.nn.parameter({ 1, (o.size // o.patch) * (o.size // o.patch), o.dim }, { std = 0.02, role = "bias" }),
    blocks  = transformer(o.dim, o.heads, o.depth),
    norm    = mb.nn.layer_norm(o.dim),
    forward = function(self, images, places)
      local tokens = self.embed(masked_autoencoder.patches(images, o.patch)):add(self.place)
      if places then return self.norm(self.blocks(masked_autoencoder.rows(tokens, places))) end
      return self.norm(self.blocks(tokens)):mean(2)
    end,
  }
end

--- Tokens of the patches that are seen to all patches, [N, patches, 3 · patch²]. `back` are the places of all patches among
--- those that are seen, and then those that are not.
---@param o moonburn.Options With size, patch, dim and heads.
---@return moonburn.Module
function masked_autoencoder.decoder(o)
  local count, half = (o.size // o.patch) * (o.size // o.patch), o.dim // 2
  return mb.nn.module {
    embed   = mb.nn.linear(o.dim, half),
    mask    = mb.nn.parameter({ 1, 1, half }, { std = 0.02, role = "bias" }),
    place   = mb.nn.parameter({ 1, count, half }, { std = 0.02, role = "bias" }),
    blocks  = transformer(half, o.heads, 1),
    paint   = mb.nn.sequential { mb.nn.layer_norm(half), mb.nn.linear(half, 3 * o.patch * o.patch) },
    forward = function(self, tokens, back)
      local seen = self.embed(tokens)
      local unseen = self.mask:expand(seen.shape[1], count - seen.shape[2], half)
      return self.paint(self.blocks(masked_autoencoder.rows(mb.cat({ seen, unseen }, 2), back) + self.place))
    end,
  }
end

return masked_autoencoder
