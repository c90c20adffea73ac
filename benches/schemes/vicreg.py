"""scripts/vicreg.lua in PyTorch."""

import torch
import torch.nn.functional as F
from few_shot import train
from self_supervised import evaluate, options, setup
from torch import nn

o = options(invariance=25.0, variance=25.0, covariance=1.0, embedding=128, lr=2e-3, steps=1248)
encoder, _, views = setup(o)
expander = nn.Sequential(
    nn.Linear(8 * o.width, o.embedding), nn.BatchNorm1d(o.embedding), nn.ReLU(),
    nn.Linear(o.embedding, o.embedding), nn.BatchNorm1d(o.embedding), nn.ReLU(),
    nn.Linear(o.embedding, o.embedding, bias=False))  # fmt: skip


def spread(z):
    """How far standard deviations are from 1, and the squares of the covariances of different features."""
    z = z - z.mean(0)
    covariance = z.T @ z / (len(z) - 1)
    off_diagonal = covariance - covariance.diag().diag()
    return F.relu(1 - (z.var(0) + 1e-4).sqrt()).mean() / 2, off_diagonal.square().sum() / z.shape[1]


def gradients(images, _):
    a, b = expander(encoder(images)).chunk(2)
    (variance_a, covariance_a), (variance_b, covariance_b) = spread(a), spread(b)
    loss = (o.invariance * F.mse_loss(a, b) + o.variance * (variance_a + variance_b)
            + o.covariance * (covariance_a + covariance_b))  # fmt: skip
    loss.backward()
    return {"loss": loss.item()}


if __name__ == "__main__":
    print(evaluate(o, encoder))
    both = nn.ModuleList([encoder, expander])
    train(o, both, views, gradients, warmup=0.1, optimizer=torch.optim.AdamW(both.parameters(), lr=o.lr, weight_decay=1e-4))
    print(evaluate(o, encoder))
