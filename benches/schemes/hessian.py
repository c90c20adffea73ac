"""scripts/hessian.lua in PyTorch."""

import json
import time

import torch
import torch.nn.functional as F
from few_shot import Classes, conv4, options, train

o = options(temperature=0.2, products=20, hessian_tasks=2)
classes, encoder = Classes(o, 0), conv4(o.width)


def episode(count=o.tasks):
    return [classes.task(o, o.queries) for _ in range(count)]


def loss_of(tasks):
    """Prototypical networks: minus the squared distance to a class's mean embedding is its logit."""
    rows = F.normalize(encoder(torch.cat([images for task in tasks for images in (task[0], task[2])])), dim=1)
    losses = []
    for part, (_, support, _, query) in zip(rows.chunk(len(tasks)), tasks):
        means = part[: len(support)].unflatten(0, (o.shots, o.ways)).mean(0)
        distances = (part[len(support) :, None] - means).square().sum(2)
        losses.append(F.cross_entropy(-distances / o.temperature, query))
    return torch.stack(losses).mean()


def gradients(tasks, _):
    loss = loss_of(tasks)
    loss.backward()
    return {"loss": loss.item()}


def dot(a, b):
    return sum((x * y).sum() for x, y in zip(a, b))


def unit(v):
    length = dot(v, v).sqrt()
    return [x / length for x in v]


def largest_eigenvalue(loss, parameters):
    """The eigenvalue of the largest size, and how far its vector is from an eigenvector: ‖H v − λ v‖ / |λ|."""
    slope = torch.autograd.grad(loss, parameters, create_graph=True)
    v = unit([torch.randn_like(p) for p in parameters])
    for _ in range(o.products):
        product = torch.autograd.grad(slope, parameters, v, retain_graph=True)
        value = dot(v, product)
        rest = [h - value * x for h, x in zip(product, v)]
        v = unit(product)
    return value.item(), (dot(rest, rest).sqrt() / value.abs()).item()


def evaluate():
    started = time.perf_counter()
    value, residual = largest_eigenvalue(loss_of(episode(o.hessian_tasks)), list(encoder.parameters()))
    seconds = (time.perf_counter() - started) / o.products
    print(json.dumps({"eigenvalue": value, "residual": residual, "seconds_per_product": round(seconds, 4)}), flush=True)


if __name__ == "__main__":
    evaluate()
    train(o, encoder, episode, gradients)
    evaluate()
