"""scripts/imaml.lua in PyTorch."""

import torch
import torch.nn.functional as F
from few_shot import Classes, adaptation_options, classifier, evaluate, query_loss, train
from torch.func import functional_call

o = adaptation_options(lam=0.5, damping=10.0, inner_steps=16, cg_steps=5)
model, classes = classifier(o), Classes(o, 0)


def episode():
    return [classes.task(o, o.queries) for _ in range(o.tasks)]


def support_loss(parameters, task):
    return F.cross_entropy(functional_call(model, parameters, task[0]), task[1])


@torch.enable_grad()
def adapt(task):
    start = {path: p.detach() for path, p in model.named_parameters()}
    fast = {path: p.clone().requires_grad_() for path, p in start.items()}
    for _ in range(o.inner_steps):
        found = torch.autograd.grad(support_loss(fast, task), list(fast.values()))
        fast = {
            path: (p.detach() - o.inner_lr * (g + o.lam * (p.detach() - start[path]))).requires_grad_()
            for (path, p), g in zip(fast.items(), found)
        }
    return fast


def dot(a, b):
    return sum((x * y).sum() for x, y in zip(a, b))


def solve(fast, loss, b):
    """Conjugate gradients from 0 for x + H x / (lambda + damping) = b."""
    inputs = list(fast.values())
    slope = torch.autograd.grad(loss, inputs, create_graph=True)
    x, r, p, rr = [torch.zeros_like(v) for v in b], b, b, dot(b, b)
    for _ in range(o.cg_steps):
        product = torch.autograd.grad(slope, inputs, p, retain_graph=True)
        ap = [v + h / (o.lam + o.damping) for v, h in zip(p, product)]
        alpha, before = rr / dot(p, ap), rr
        x = [v + alpha * d for v, d in zip(x, p)]
        r = [v - alpha * d for v, d in zip(r, ap)]
        rr = dot(r, r)
        p = [v + rr / before * d for v, d in zip(r, p)]
    return x


def gradients(tasks, _):
    means = {"loss": 0, "accuracy": 0}
    for p in model.parameters():
        p.grad = torch.zeros_like(p)
    for task in tasks:
        fast = adapt(task)
        loss, accuracy = query_loss(model, fast, task)
        slope = torch.autograd.grad(loss / o.tasks, list(fast.values()))
        for p, gradient in zip(model.parameters(), solve(fast, support_loss(fast, task), slope)):
            p.grad += gradient
        means["loss"] += loss.item() / o.tasks
        means["accuracy"] += accuracy / o.tasks
    return means


if __name__ == "__main__":
    train(o, model, episode, gradients)
    with torch.no_grad():
        print(evaluate(model, o, adapt))
