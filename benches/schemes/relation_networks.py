"""scripts/relation_networks.lua in PyTorch."""

import math

import torch
import torch.nn.functional as F
from few_shot import conv4, few_shot_head, options
from torch import nn

o = options(hidden=64, test_tasks=200, steps=400, lr=3e-3)
width = o.width * (o.size // 16) ** 2
encoder = conv4(o.width)
relation = nn.Sequential(nn.Linear(2 * width, o.hidden), nn.LayerNorm(o.hidden), nn.ReLU(), nn.Linear(o.hidden, 1))


def classified(task):
    """The loss of a task's queries, and the share of them that is classified right."""
    support, labels, query, wanted = task
    embeddings = F.normalize(encoder(torch.cat([support, query])))
    one_hot = F.one_hot(labels, o.ways).float()
    means = one_hot.T @ embeddings[: len(support)] / one_hot.sum(0)[:, None]
    query, unit = embeddings[len(support) :, None], math.sqrt(width)
    scores = relation(torch.cat([(query - means).abs() * unit, query * means * unit**2], 2)).squeeze(2)
    loss = F.mse_loss(scores.sigmoid(), F.one_hot(wanted, o.ways).float())
    return loss, (scores.argmax(1) == wanted).float().mean().item()


if __name__ == "__main__":
    both = nn.ModuleList([encoder, relation])
    few_shot_head(o, both, classified, torch.optim.Adam(both.parameters(), lr=o.lr))
