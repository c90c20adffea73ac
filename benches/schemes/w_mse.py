"""scripts/w_mse.lua in PyTorch."""

import torch
import torch.nn.functional as F
from few_shot import train
from self_supervised import evaluate, options, setup
from torch import nn

o = options(batch=256, embedding=32, whitened=128, draws=1, epsilon=1e-3)
encoder, projector, views = setup(o)


def whiten(z):
    """Rows with mean 0 and the identity for a covariance: L⁻¹ (z − mean), with the covariance LLᵀ."""
    centred = z - z.mean(-2, keepdim=True)
    covariance = centred.mT @ centred / (z.shape[-2] - 1)
    factor = torch.linalg.cholesky((1 - o.epsilon) * covariance + o.epsilon * torch.eye(z.shape[-1]))
    return torch.linalg.solve_triangular(factor, centred.mT, upper=False).mT


def distance(a, b):
    """2 − 2 cos of the whitened rows of two views, the mean."""
    losses = []
    for _ in range(o.draws):
        order = torch.randperm(len(a))[: len(a) - len(a) % o.whitened]
        views = torch.stack([a[order], b[order]])
        z = F.normalize(whiten(views.reshape(2, -1, o.whitened, o.embedding)), dim=-1)
        losses.append((2 - 2 * (z[0] * z[1]).sum(-1)).mean())
    return sum(losses) / o.draws


def gradients(images, _):
    loss = distance(*projector(encoder(images)).chunk(2))
    loss.backward()
    return {"loss": loss.item()}


if __name__ == "__main__":
    print(evaluate(o, encoder))
    train(o, nn.ModuleList([encoder, projector]), views, gradients, warmup=0.1)
    print(evaluate(o, encoder))
