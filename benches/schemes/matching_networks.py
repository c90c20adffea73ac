"""scripts/matching_networks.lua in PyTorch."""

import torch
import torch.nn.functional as F
from few_shot import conv4, few_shot_head, options

o = options(temperature=0.1, test_tasks=200)
encoder = conv4(o.width)


def classified(task):
    """The loss of a task's queries, and the share of them that is classified right."""
    support, labels, query, wanted = task
    embeddings = F.normalize(encoder(torch.cat([support, query])))
    attention = (embeddings[len(support) :] @ embeddings[: len(support)].T / o.temperature).softmax(1)
    scores = (attention @ F.one_hot(labels, o.ways).float() + 1e-9).log()
    return F.cross_entropy(scores, wanted), (scores.argmax(1) == wanted).float().mean().item()


if __name__ == "__main__":
    few_shot_head(o, encoder, classified)
