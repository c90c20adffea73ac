"""scripts/sinkhorn.lua in PyTorch."""

import math

import torch
import torch.nn.functional as F
from few_shot import train
from self_supervised import evaluate, options, setup
from torch import nn

o = options(prototypes=32, temperature=0.1, epsilon=0.05, iterations=3)
encoder, projector, views = setup(o)
prototypes = nn.Linear(o.embedding, o.prototypes, bias=False)
nn.init.normal_(prototypes.weight)


@torch.no_grad()
def assign(scores):
    """The plan for scores [N, K]: each row sums to 1, each column to N / K. And by how much the columns miss that."""
    rows, columns = scores.shape
    logits, of_rows, of_columns = scores / o.epsilon, 0, 0
    for _ in range(o.iterations):
        of_columns = math.log(rows / columns) - torch.logsumexp(logits + of_rows, 0, keepdim=True)
        of_rows = -torch.logsumexp(logits + of_columns, 1, keepdim=True)
    plan = (logits + of_rows + of_columns).exp()
    return plan, (plan.sum(0) * columns / rows - 1).abs().max().item()


def gradients(images, _):
    z = F.normalize(projector(encoder(images)))
    a, b = (z @ F.normalize(prototypes.weight).T).chunk(2)
    (of_a, missed), (of_b, _) = assign(a), assign(b)

    def cross_entropy(scores, plan):
        return -(plan * F.log_softmax(scores / o.temperature, 1)).sum(1).mean()

    loss = (cross_entropy(a, of_b) + cross_entropy(b, of_a)) / 2
    loss.backward()
    return {"loss": loss.item(), "missed": missed}


if __name__ == "__main__":
    print(evaluate(o, encoder))
    train(o, nn.ModuleList([encoder, projector, prototypes]), views, gradients, warmup=0.1)
    print(evaluate(o, encoder))
