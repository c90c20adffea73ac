"""What the transformer schemes share in PyTorch: blocks as timm's, a vision transformer with a class token."""

import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self, dim, heads, drop_path=0.0):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(dim, eps=1e-6), nn.LayerNorm(dim, eps=1e-6)
        self.qkv, self.proj = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.mlp = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim))
        self.heads, self.drop_path = heads, drop_path

    def attention(self, x):
        rows, length, dim = x.shape
        q, k, v = self.qkv(x).reshape(rows, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        return self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(rows, length, dim))

    def dropped(self, branch):
        if not self.training or self.drop_path == 0:
            return branch
        kept = torch.rand(len(branch), 1, 1) >= self.drop_path
        return branch * kept / (1 - self.drop_path)

    def forward(self, x):
        x = x + self.dropped(self.attention(self.norm1(x)))
        return x + self.dropped(self.mlp(self.norm2(x)))


class VisionTransformer(nn.Module):
    def __init__(self, o):
        super().__init__()
        self.patches = nn.Conv2d(3, o.dim, o.patch, o.patch)
        self.token = nn.Parameter(1e-6 * torch.randn(1, 1, o.dim))
        self.places = nn.Parameter(0.02 * torch.randn(1, (o.size // o.patch) ** 2 + 1, o.dim))
        rates = torch.linspace(0, o.drop_path, o.depth).tolist()
        self.blocks = nn.Sequential(*[Block(o.dim, o.heads, rate) for rate in rates])
        self.norm = nn.LayerNorm(o.dim, eps=1e-6)
        for layer in self.blocks.modules():
            if isinstance(layer, nn.Linear):
                nn.init.trunc_normal_(layer.weight, std=0.02)
                nn.init.zeros_(layer.bias)

    def forward(self, images):
        tokens = self.patches(images).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.token.expand(len(tokens), -1, -1), tokens], 1) + self.places
        return self.norm(self.blocks(tokens))[:, 0]


def groups(weight_decay, *modules):
    """AdamW's parameter groups: biases, norms and tokens without decay."""
    decayed, plain = [], []
    for module in modules:
        for name, parameter in module.named_parameters():
            small = parameter.ndim <= 1 or name.rpartition(".")[2] in ("token", "places", "mask")
            (plain if small else decayed).append(parameter)
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": plain, "weight_decay": 0}]
