"""scripts/mae.lua in PyTorch."""

import torch
from few_shot import train
from self_supervised import evaluate, noisy, options
from torch import nn
from transformer import Block, groups

o = options(patch=4, dim=96, depth=4, heads=4, kept=0.25, lr=2e-3, steps=624)
count, size = (o.size // o.patch) ** 2, 3 * o.patch**2


def patches(images):
    rows = o.size // o.patch
    return images.reshape(-1, 3, rows, o.patch, rows, o.patch).permute(0, 2, 4, 1, 3, 5).reshape(-1, count, size)


def rows(x, places):
    return x.gather(1, places[:, :, None].expand(-1, -1, x.shape[2]))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.norm = nn.Linear(size, o.dim), nn.LayerNorm(o.dim)
        self.places = nn.Parameter(0.02 * torch.randn(1, count, o.dim))
        self.blocks = nn.Sequential(*[Block(o.dim, o.heads) for _ in range(o.depth)])

    def forward(self, images, places=None):
        tokens = self.embed(patches(images)) + self.places
        if places is not None:
            return self.norm(self.blocks(rows(tokens, places)))
        return self.norm(self.blocks(tokens)).mean(1)


class Decoder(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.embed, self.blocks = nn.Linear(o.dim, dim), Block(dim, o.heads)
        self.mask = nn.Parameter(0.02 * torch.randn(1, 1, dim))
        self.places = nn.Parameter(0.02 * torch.randn(1, count, dim))
        self.paint = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, size))

    def forward(self, tokens, back):
        seen = self.embed(tokens)
        unseen = self.mask.expand(len(seen), count - seen.shape[1], -1)
        return self.paint(self.blocks(rows(torch.cat([seen, unseen], 1), back) + self.places))


encoder, decoder, images = Encoder(), Decoder(o.dim // 2), noisy(o)
kept = max(1, int(o.kept * count))


def gradients(batch, _):
    order = torch.rand(len(batch), count).argsort(1)
    back = order.argsort(1)
    painted = decoder(encoder(batch, order[:, :kept]), back)
    hidden = (back >= kept).float()
    loss = ((painted - patches(batch)).square().mean(2) * hidden).sum() / hidden.sum()
    loss.backward()
    return {"loss": loss.item()}


if __name__ == "__main__":
    both = nn.ModuleList([encoder, decoder])
    optimizer = torch.optim.AdamW(groups(0.05, both), lr=o.lr, betas=(0.9, 0.95))
    print(evaluate(o, encoder))
    train(o, both, images, gradients, warmup=0.1, optimizer=optimizer)
    print(evaluate(o, encoder))
