"""scripts/reptile.lua in PyTorch."""

import torch
import torch.nn.functional as F
from few_shot import Classes, adaptation_options, classifier, evaluate, train
from torch.func import functional_call

o = adaptation_options(lr=1.0)
model, classes = classifier(o), Classes(o, 0)


def episode():
    return [classes.task(o, o.queries) for _ in range(o.tasks)]


def adapt(images, labels):
    """Parameters by path after gradient descent on images of a task, and the first loss."""
    fast, first = {path: p.detach() for path, p in model.named_parameters()}, None
    for _ in range(o.inner_steps):
        fast = {path: p.requires_grad_() for path, p in fast.items()}
        with torch.enable_grad():
            loss = F.cross_entropy(functional_call(model, fast, images), labels)
            found = torch.autograd.grad(loss, list(fast.values()))
        fast = {path: p.detach() - o.inner_lr * g for (path, p), g in zip(fast.items(), found)}
        first = loss.item() if first is None else first
    return fast, first


def gradients(tasks, _):
    """What the optimizer takes for gradients is the way back from the adapted parameters, of which plain SGD goes a share."""
    means = {"loss": 0}
    for p in model.parameters():
        p.grad = torch.zeros_like(p)
    for task in tasks:
        fast, loss = adapt(torch.cat([task[0], task[2]]), torch.cat([task[1], task[3]]))
        for path, p in model.named_parameters():
            p.grad += (p.detach() - fast[path]) / o.tasks
        means["loss"] += loss / o.tasks
    return means


if __name__ == "__main__":
    optimizer = torch.optim.SGD(model.parameters(), lr=o.lr)
    falling = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda done: 1 - done / o.steps)
    train(o, model, episode, gradients, warmup=None, optimizer=optimizer, schedule=falling)
    with torch.no_grad():
        print(evaluate(model, o, lambda task: adapt(task[0], task[1])[0]))
