"""scripts/vit.lua in PyTorch."""

import torch
import torch.nn.functional as F
from few_shot import Classes, loop, options, warmup_cosine
from torch import nn
from torch.optim.swa_utils import AveragedModel
from transformer import VisionTransformer, groups

o = options(patch=4, dim=64, depth=4, heads=4, drop_path=0.1, batch=64, lr=2e-3, weight_decay=0.05, smoothing=0.1,
            average=0.99, classes=10, steps=624)  # fmt: skip
model, classes = nn.Sequential(VisionTransformer(o), nn.Linear(o.dim, o.classes)), Classes(o, 0)


def decaying(average, own, count):
    decay = min(o.average, (1 + count.item()) / (10 + count.item()))
    return average.lerp(own, 1 - decay)


average = AveragedModel(model, avg_fn=decaying)
optimizer = torch.optim.AdamW(groups(o.weight_decay, model), lr=o.lr)
schedule = warmup_cosine(optimizer, o, 0.1)


def step(_):
    labels = torch.randint(o.classes, (o.batch,))
    loss = F.cross_entropy(model(classes.images(labels)), labels, label_smoothing=o.smoothing)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1)
    optimizer.step()
    schedule.step()
    average.update_parameters(model)
    return {"loss": loss.item()}


@torch.no_grad()
def evaluate():
    labels = torch.arange(1000) % o.classes
    images = classes.images(labels)

    def accuracy(network):
        return 100 * (network.eval()(images).argmax(1) == labels).float().mean().item()

    return {"accuracy": accuracy(average), "without_average": accuracy(model)}


if __name__ == "__main__":
    loop(o, step)
    print(evaluate())
