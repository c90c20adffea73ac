"""scripts/gaussian_prototypes.lua in PyTorch."""

import torch
import torch.nn.functional as F
from few_shot import conv4, few_shot_head, options

o = options(shrinkage=0.5, temperature=0.2, test_tasks=200)
encoder = conv4(o.width)


def logits(support, labels, query):
    """−‖q − m‖² of queries by the metric in which the support has the covariance 1 / d."""
    rows, width = support.shape
    one_hot = F.one_hot(labels, o.ways).float()
    means = one_hot.T @ support / one_hot.sum(0)[:, None]
    centred = support - one_hot @ means
    covariance, variance = centred.T @ centred / rows, centred.square().mean()
    ball = (o.shrinkage * variance + 1e-6) * torch.eye(width)
    factor = torch.linalg.cholesky((1 - o.shrinkage) * covariance + ball)
    query, means = (torch.linalg.solve_triangular(factor, x.T, upper=False).T for x in (query, means))
    return -(query[:, None] - means).square().sum(2) / (width * o.temperature)


def classified(task):
    """The loss of a task's queries, and the share of them that is classified right."""
    support, labels, query, wanted = task
    embeddings = F.normalize(encoder(torch.cat([support, query])))
    scores = logits(embeddings[: len(support)], labels, embeddings[len(support) :])
    return F.cross_entropy(scores, wanted), (scores.argmax(1) == wanted).float().mean().item()


if __name__ == "__main__":
    few_shot_head(o, encoder, classified)
