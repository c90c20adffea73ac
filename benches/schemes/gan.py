"""scripts/gan.lua in PyTorch."""

import math

import torch
from few_shot import loop, options
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce

o = options(modes=8, spread=0.05, latent=8, hidden=128, batch=256, steps=2000, lr=1e-3)


def mlp(inputs, outputs):
    return nn.Sequential(nn.Linear(inputs, o.hidden), nn.LeakyReLU(0.2), nn.Linear(o.hidden, o.hidden), nn.LeakyReLU(0.2),
                         nn.Linear(o.hidden, outputs))  # fmt: skip


angles = 2 * math.pi * torch.arange(1, o.modes + 1) / o.modes
centres = torch.stack([angles.cos(), angles.sin()], 1)
generator, discriminator = mlp(o.latent, 2), mlp(2, 1)
of_generator = torch.optim.Adam(generator.parameters(), lr=o.lr, betas=(0.5, 0.999))
of_discriminator = torch.optim.Adam(discriminator.parameters(), lr=o.lr, betas=(0.5, 0.999))
ones, zeros = torch.ones(o.batch, 1), torch.zeros(o.batch, 1)


def move(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def step(_):
    real = centres[torch.randint(o.modes, (o.batch,))] + o.spread * torch.randn(o.batch, 2)
    fake = generator(torch.randn(o.batch, o.latent))
    critic_loss = bce(discriminator(real), ones) + bce(discriminator(fake.detach()), zeros)
    logged = {"discriminator": move(of_discriminator, critic_loss)}
    return logged | {"generator": move(of_generator, bce(discriminator(fake), ones))}


@torch.no_grad()
def evaluate():
    """How many modes have a fair share of the points, and how many points lie within three deviations of one."""
    distances = torch.cdist(generator(torch.randn(2000, o.latent)), centres)
    counts = distances.argmin(1).bincount(minlength=o.modes)
    near = (distances.amin(1) < 3 * o.spread).float().mean()
    return {"modes": (counts > 2000 / o.modes / 4).sum().item(), "near": 100 * near.item()}


if __name__ == "__main__":
    loop(o, step)
    print(evaluate())
