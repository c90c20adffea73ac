"""scripts/nnclr.lua in PyTorch."""

import torch
import torch.nn.functional as F
from few_shot import train
from self_supervised import evaluate, options, setup
from torch import nn

o = options(temperature=0.1, queue=1024)
encoder, projector, views = setup(o)
predictor = nn.Sequential(nn.Linear(o.embedding, 4 * o.embedding, bias=False), nn.BatchNorm1d(4 * o.embedding), nn.ReLU(),
                          nn.Linear(4 * o.embedding, o.embedding))  # fmt: skip
queue = F.normalize(torch.randn(o.queue, o.embedding))


def loss_of(z, predicted):
    """The nearest neighbour of each row of z must find the prediction of the same row among all."""
    nearest = queue[(z @ queue.T).argmax(1)]
    return F.cross_entropy(nearest @ predicted.T / o.temperature, torch.arange(len(z)))


def gradients(images, step):
    embeddings = projector(encoder(images))
    a, b = F.normalize(embeddings.detach()).chunk(2)
    of_a, of_b = F.normalize(predictor(embeddings)).chunk(2)
    loss = (loss_of(a, of_b) + loss_of(b, of_a)) / 2
    loss.backward()
    first = (step - 1) * o.batch % o.queue
    queue[first : first + o.batch] = a
    return {"loss": loss.item()}


if __name__ == "__main__":
    print(evaluate(o, encoder))
    train(o, nn.ModuleList([encoder, projector, predictor]), views, gradients, warmup=0.1)
    print(evaluate(o, encoder))
