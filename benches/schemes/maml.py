"""scripts/maml.lua in PyTorch."""

import torch
import torch.nn.functional as F
from few_shot import Classes, adaptation_options, classifier, evaluate, query_loss, train
from torch.func import functional_call, grad

o = adaptation_options(
    first_order=False,  # whether the gradients within a task are constants: the first-order approximation
    anil=False,  # whether only the last layer is adapted
)
model, classes = classifier(o), Classes(o, 0)


def episode():
    return [classes.task(o, o.queries) for _ in range(o.tasks)]


def adapt(task, create_graph):
    """Parameters by path after gradient descent on a task's support."""
    images, labels, _, _ = task

    def loss(fast):
        return F.cross_entropy(functional_call(model, fast, images), labels)

    fast = {path: p for path, p in model.named_parameters() if not o.anil or path.startswith("1.")}
    for _ in range(o.inner_steps):
        gradients = grad(loss)(fast)
        if not create_graph:
            gradients = {path: gradient.detach() for path, gradient in gradients.items()}
        fast = {path: p - o.inner_lr * gradients[path] for path, p in fast.items()}
    return fast


def gradients(tasks, _):
    means = {"loss": 0, "accuracy": 0}
    for task in tasks:
        loss, accuracy = query_loss(model, adapt(task, not o.first_order), task)
        (loss / o.tasks).backward()  # lets go of the task's graph
        means["loss"] += loss.item() / o.tasks
        means["accuracy"] += accuracy / o.tasks
    return means


if __name__ == "__main__":
    train(o, model, episode, gradients)
    with torch.no_grad():
        print(evaluate(model, o, lambda task: adapt(task, False)))
