"""scripts/dino.lua in PyTorch."""

import copy

import torch
import torch.nn.functional as F
from few_shot import loop, warmup_cosine
from self_supervised import evaluate, options, setup
from torch import nn

o = options(embedding=256, crops=2, temperature=0.1, teacher_temperature=0.02, momentum=0.99, center=0.9, lr=0.3, steps=1248)
encoder, _, views = setup(o)


class Head(nn.Module):
    """Three layers, an L2 normalisation, and a layer whose rows have the norm 1 (section 3.1)."""

    def __init__(self, inputs, hidden, bottleneck):
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(inputs, hidden), nn.BatchNorm1d(hidden), nn.GELU(),
                                 nn.Linear(hidden, hidden), nn.BatchNorm1d(hidden), nn.GELU(),
                                 nn.Linear(hidden, bottleneck))  # fmt: skip
        self.prototypes = nn.Parameter(torch.randn(o.embedding, bottleneck))

    def forward(self, x):
        return F.normalize(self.mlp(x)) @ F.normalize(self.prototypes).T


student = nn.Sequential(encoder, Head(8 * o.width, 32 * o.width, 8 * o.width))
teacher, center = copy.deepcopy(student).requires_grad_(False), torch.zeros(o.embedding)
optimizer = torch.optim.SGD(student.parameters(), lr=o.lr, momentum=0.9, weight_decay=5e-4)
schedule = warmup_cosine(optimizer, o, 0.1)


def dino_loss(logits, of_teacher):
    """The cross-entropy of each large crop's target with all other crops of the image."""
    targets = ((of_teacher - center) / o.teacher_temperature).softmax(1).chunk(2)
    log_p = (logits / o.temperature).log_softmax(1).chunk(2 + o.crops)
    pairs = [-(q * p).sum(1).mean() for i, q in enumerate(targets) for j, p in enumerate(log_p) if i != j]
    return sum(pairs) / len(pairs)


def step(_):
    global center
    whole = views()
    small = torch.cat([F.interpolate(views()[: o.batch], scale_factor=0.5) for _ in range(o.crops)])
    of_teacher = teacher(whole)
    loss = dino_loss(student[1](torch.cat([encoder(whole), encoder(small)])), of_teacher)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()
    center = center.lerp(of_teacher.mean(0), 1 - o.center)
    for follower, own in zip(teacher.parameters(), student.parameters()):
        follower.data.lerp_(own.data, 1 - o.momentum)
    return {"loss": loss.item()}


if __name__ == "__main__":
    print(evaluate(o, encoder))
    loop(o, step)
    print(evaluate(o, teacher[0]))
