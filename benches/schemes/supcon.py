"""scripts/supcon.lua in PyTorch."""

import torch
import torch.nn.functional as F
from few_shot import train
from self_supervised import evaluate, labelled_views, options, setup
from torch import nn

o = options(temperature=0.5, lr=0.05, steps=624)
encoder, projector, _ = setup(o)


def supervised_contrastive(z, labels):
    """Khosla et al. (2020), L_out: the mean over the positives of −log softmax, the row itself left out."""
    z, labels = F.normalize(z), labels.repeat(len(z) // len(labels))
    own = torch.eye(len(z), dtype=torch.bool)
    log_p = (z @ z.T / o.temperature).masked_fill(own, -torch.inf).log_softmax(1)
    positive = (labels[:, None] == labels) & ~own
    return -(log_p.masked_fill(~positive, 0).sum(1) / positive.sum(1)).mean()


def gradients(batch, _):
    images, labels = batch
    loss = supervised_contrastive(projector(encoder(images)), labels)
    loss.backward()
    return {"loss": loss.item()}


if __name__ == "__main__":
    print(evaluate(o, encoder))
    train(o, nn.ModuleList([encoder, projector]), labelled_views(o), gradients, warmup=0.1)
    print(evaluate(o, encoder))
