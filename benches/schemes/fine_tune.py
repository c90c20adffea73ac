"""scripts/fine_tune.lua in PyTorch."""

import torch
import torch.nn.functional as F
from few_shot import Classes, options, train
from self_supervised import resnet18
from torch import nn

o = options(width=8, labels=500, batch=50, lr=0.01, head_lr=0.1, classes=10, steps=200, weights="")
classes = Classes(o, 0)
encoder, head = resnet18(o.width), nn.Linear(8 * o.width, o.classes)
if o.weights:
    encoder.load_state_dict(torch.load(o.weights))


def batch():
    labels = torch.randint(o.classes, (o.batch,))
    return classes.images(labels), labels


def gradients(part, _):
    images, labels = part
    loss = F.cross_entropy(head(encoder(images)), labels)
    loss.backward()
    return {"loss": loss.item()}


@torch.no_grad()
def evaluate():
    labels = torch.arange(1000) % o.classes
    right = head(encoder.eval()(classes.images(labels))).argmax(1) == labels
    encoder.train()
    return {"accuracy": 100 * right.float().mean().item()}


if __name__ == "__main__":
    groups = [{"params": encoder.parameters(), "lr": o.lr}, {"params": head.parameters(), "lr": o.head_lr}]
    print(evaluate())
    train(o, None, batch, gradients, warmup=0.1, optimizer=torch.optim.SGD(groups, momentum=0.9))
    print(evaluate())
