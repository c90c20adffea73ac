"""scripts/relation_networks.lua in PyTorch."""

import math

import torch
import torch.nn.functional as F
from few_shot import conv4, few_shot_head, options
from torch import nn

o = options(hidden=64, test_tasks=200)
width = o.width * (o.size // 16) ** 2
encoder, relation = conv4(o.width), nn.Sequential(nn.Linear(2 * width, o.hidden), nn.ReLU(), nn.Linear(o.hidden, 1))


def classified(task):
    """The loss of a task's queries, and the share of them that is classified right."""
    support, labels, query, wanted = task
    embeddings = F.normalize(encoder(torch.cat([support, query])))
    one_hot = F.one_hot(labels, o.ways).float()
    means = one_hot.T @ embeddings[: len(support)] / one_hot.sum(0)[:, None]
    query = embeddings[len(support) :]
    pairs = torch.cat([query[:, None].expand(-1, o.ways, -1), means.expand(len(query), -1, -1)], 2)
    scores = relation(pairs * math.sqrt(width)).squeeze(2)
    loss = F.mse_loss(scores.sigmoid(), F.one_hot(wanted, o.ways).float())
    return loss, (scores.argmax(1) == wanted).float().mean().item()


if __name__ == "__main__":
    few_shot_head(o, nn.ModuleList([encoder, relation]), classified)
