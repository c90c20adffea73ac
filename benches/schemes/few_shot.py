"""What the schemes share in PyTorch: options, the backbone, tasks, the loop with its clock.

As `scripts/moonburn/few_shot.lua` and `adaptation.lua`, but for the images: they are noise around a pattern for each class,
and come without augmentation.
"""

import argparse
import json
import math
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call


def options(**own):
    defaults = dict(size=32, classes=5, width=32, ways=5, shots=5, queries=10, tasks=2, steps=200, lr=0.05, threads=2)
    parser = argparse.ArgumentParser()
    for name, value in (defaults | own).items():
        kind = (lambda text: text == "true") if isinstance(value, bool) else type(value)
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, default=value)
    o = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(o.threads)
    return o


def adaptation_options(**own):
    return options(**dict(tasks=4, inner_steps=5, inner_lr=0.1, test_tasks=100) | own)


def conv4(width):
    layers = []
    for i in range(4):
        layers += [nn.Conv2d(width if i else 3, width, 3, padding=1, bias=False),
                   nn.BatchNorm2d(width, track_running_stats=False), nn.ReLU(), nn.MaxPool2d(2)]  # fmt: skip
    return nn.Sequential(*layers, nn.Flatten())


def classifier(o):
    return nn.Sequential(conv4(o.width), nn.Linear(o.width * (o.size // 16) ** 2, o.ways))


class Classes:
    """Images of some classes, and tasks of them."""

    def __init__(self, o, seed):
        self.generator = torch.Generator().manual_seed(seed)
        self.patterns = torch.randn(o.classes, 3, o.size, o.size, generator=self.generator)

    def images(self, labels):
        own = self.patterns[labels]
        return torch.sigmoid(own + torch.randn(own.shape, generator=self.generator))

    def task(self, o, queries):
        """Support images, their labels, query images, their labels; view-major."""
        classes = torch.randperm(len(self.patterns), generator=self.generator)[: o.ways]
        support, query = torch.arange(o.ways).repeat(o.shots), torch.arange(o.ways).repeat(queries)
        return self.images(classes[support]), support, self.images(classes[query]), query


def query_loss(model, adapted, task):
    logits, labels = functional_call(model, adapted, task[2]), task[3]
    return F.cross_entropy(logits, labels), (logits.argmax(1) == labels).float().mean().item()


def evaluate(model, o, adapt):
    novel, right = Classes(o, 1), []
    for _ in range(o.test_tasks):
        task = novel.task(o, 15)
        right.append(100 * query_loss(model, adapt(task), task)[1])
    return {"few_shot_accuracy": statistics.mean(right),
            "interval": 1.96 * statistics.stdev(right) / math.sqrt(len(right))}  # fmt: skip


def loop(o, step):
    """step(number) makes a step and returns what is logged; o.steps of them, timed."""
    seconds = []
    for number in range(1, o.steps + 1):
        started = time.perf_counter()
        logged = step(number)
        seconds.append(time.perf_counter() - started)
    print(json.dumps({"seconds": round(statistics.median(seconds), 5)} | logged), flush=True)


def warmup_cosine(optimizer, o, warmup, floor=0.0):
    """Each group's rate grows to its value over a share of the steps, and falls to a share of it by a cosine."""
    ahead = warmup * o.steps

    def factor(done):
        after = max(0, done + 1 - ahead) / max(1, o.steps - ahead)
        return min(1, (done + 1) / max(1, ahead)) * (floor + (1 - floor) * (1 + math.cos(math.pi * after)) / 2)

    return torch.optim.lr_scheduler.LambdaLR(optimizer, factor)


def train(o, module, episode, gradients, momentum=0.9, weight_decay=5e-4, warmup=0.05, optimizer=None, schedule=None):
    """gradients(episode, step) leaves them in the parameters' grad, and returns what is logged."""
    optimizer = optimizer or torch.optim.SGD(module.parameters(), lr=o.lr, momentum=momentum, weight_decay=weight_decay)
    if warmup is not None:
        schedule = warmup_cosine(optimizer, o, warmup)

    def step(number):
        optimizer.zero_grad()
        logged = gradients(episode(), number)
        optimizer.step()
        if schedule:
            schedule.step()
        return logged

    loop(o, step)


def few_shot_head(o, module, classified, optimizer=None):
    """Trains what classifies tasks and tests it on tasks of other classes. classified(task) gives the loss of a task's
    queries, and the share of them that is classified right.
    """
    classes = Classes(o, 0)

    def gradients(tasks, _):
        losses, right = zip(*(classified(task) for task in tasks))
        loss = sum(losses) / o.tasks
        loss.backward()
        return {"loss": loss.item(), "accuracy": sum(right) / o.tasks}

    @torch.no_grad()
    def test():
        novel = Classes(o, 1)
        right = [100 * classified(novel.task(o, 15))[1] for _ in range(o.test_tasks)]
        return {"few_shot_accuracy": statistics.mean(right),
                "interval": 1.96 * statistics.stdev(right) / math.sqrt(o.test_tasks)}  # fmt: skip

    print(test())
    train(o, module, lambda: [classes.task(o, o.queries) for _ in range(o.tasks)], gradients, optimizer=optimizer)
    print(test())
