"""scripts/gaussian_prototypes.lua in PyTorch."""

import math
import statistics

import torch
import torch.nn.functional as F
from few_shot import Classes, conv4, options, train

o = options(shrinkage=0.5, temperature=0.2, test_tasks=200)
encoder, classes = conv4(o.width), Classes(o, 0)


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


def episode():
    return [classes.task(o, o.queries) for _ in range(o.tasks)]


def gradients(tasks, _):
    losses, right = zip(*(classified(task) for task in tasks))
    loss = sum(losses) / o.tasks
    loss.backward()
    return {"loss": loss.item(), "accuracy": sum(right) / o.tasks}


@torch.no_grad()
def evaluate():
    novel = Classes(o, 1)
    right = [100 * classified(novel.task(o, 15))[1] for _ in range(o.test_tasks)]
    return {"few_shot_accuracy": statistics.mean(right),
            "interval": 1.96 * statistics.stdev(right) / math.sqrt(o.test_tasks)}  # fmt: skip


if __name__ == "__main__":
    print(evaluate())
    train(o, encoder, episode, gradients)
    print(evaluate())
