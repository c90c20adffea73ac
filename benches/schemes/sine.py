"""scripts/sine.lua in PyTorch."""

import math

import torch
import torch.nn.functional as F
from few_shot import options, train
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

o = options(count=500, noise=0.1, hidden=64, batch=50, steps=1000, lr=1e-2)
x = torch.empty(o.count, 1).uniform_(-math.pi, math.pi)
samples = TensorDataset(x, x.sin() + o.noise * torch.randn(o.count, 1))
model = nn.Sequential(nn.Linear(1, o.hidden), nn.ReLU(), nn.Linear(o.hidden, o.hidden), nn.ReLU(), nn.Linear(o.hidden, 1))


def endless():
    while True:
        yield from DataLoader(samples, o.batch, shuffle=True, drop_last=True)


batches = endless()


def gradients(batch, _):
    loss = F.mse_loss(model(batch[0]), batch[1])
    loss.backward()
    return {"loss": loss.item()}


@torch.no_grad()
def evaluate():
    grid = torch.linspace(-math.pi, math.pi, 200)[:, None]
    return {"error": F.mse_loss(model(grid), grid.sin()).sqrt().item()}


if __name__ == "__main__":
    train(o, model, lambda: next(batches), gradients, warmup=0, optimizer=torch.optim.Adam(model.parameters(), lr=o.lr))
    print(evaluate())
