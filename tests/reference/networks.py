#!/usr/bin/env python3
"""Writes networks.json: values and gradients of layers, networks, losses, optimizers and kNN, computed with
PyTorch in float64, for the Rust tests of nn, model, loss, optim and evaluate.

Inputs and parameters are not stored: both sides compute them from `noise`, keyed by name. The loss of a layer or
network is the sum of its output times noise, so that every output matters differently.

    networks.py [--seed N] [OUT]        (needs torch, torchvision)
"""
import argparse, json, math
import numpy as np, torch, torchvision
import torch.nn.functional as F
from torch import nn
from torchvision.models.resnet import BasicBlock, ResNet

torch.set_default_dtype(torch.float64)
U = np.uint32


def noise(name, shape):
    """Uniform in -1 .. 1, a function of the name and the position; float32 values."""
    key = 0
    for byte in name.encode():
        key = (key * 31 + byte) % 2**32
    with np.errstate(over="ignore"):
        x = np.arange(math.prod(shape), dtype=U) * U(2654435761) + U(key) * U(2246822519)
        x = (x ^ (x >> U(15))) * U(2246822519)
        x = (x ^ (x >> U(13))) * U(3266489917)
        x = x ^ (x >> U(16))
    return torch.from_numpy((x.astype(np.float64) / 2**31 - 1).astype(np.float32).astype(np.float64)).reshape(shape)


def value(name, shape):
    """What a parameter or buffer starts as."""
    x = noise(name, shape)
    if len(shape) > 1:
        x = x * math.sqrt(3 / math.prod(shape[1:]))
    elif name.endswith(("weight", "running_var")):
        x = 1 + 0.2 * x
    else:
        x = 0.2 * x
    return x.float().double()


def fill(module):
    for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
        if not name.endswith("num_batches_tracked"):
            tensor.data = value(name, tuple(tensor.shape))
    return module


def numbers(tensor):
    return [float(f"{x:.8g}") for x in tensor.detach().flatten().tolist()]


def buffers(module):
    return {n: numbers(b) for n, b in module.named_buffers() if not n.endswith("num_batches_tracked")}


def layer(module, shape):
    fill(module)
    x = noise("input", shape).requires_grad_()
    y = module(x)
    (y * noise("weight of the loss", tuple(y.shape))).sum().backward()
    return {"input": list(shape), "output_shape": list(y.shape), "output": numbers(y), "input_gradient": numbers(x.grad),
            "gradients": {n: numbers(p.grad) for n, p in module.named_parameters()}, "buffers": buffers(module)}


def layers():
    return {
        "linear": layer(nn.Linear(5, 3), (4, 5)),
        "linear without bias": layer(nn.Linear(5, 3, bias=False), (2, 3, 5)),
        "conv2d 3x3": layer(nn.Conv2d(3, 4, 3, 1, 1), (2, 3, 7, 5)),
        "conv2d 3x3 stride 2": layer(nn.Conv2d(8, 6, 3, 2, 1), (3, 8, 7, 6)),
        "conv2d 7x7 stride 2": layer(nn.Conv2d(3, 5, 7, 2, 3), (2, 3, 9, 11)),
        "conv2d 1x1 stride 2": layer(nn.Conv2d(6, 4, 1, 2, 0), (2, 6, 5, 5)),
        "conv2d uneven": layer(nn.Conv2d(4, 3, (2, 3), (1, 2), (0, 1)), (2, 4, 5, 8)),
        "conv2d groups": layer(nn.Conv2d(4, 6, 3, 1, 1, groups=2), (2, 4, 5, 5)),
        "conv2d dilated": layer(nn.Conv2d(3, 4, 3, 1, 2, dilation=(2, 3)), (2, 3, 6, 8)),
        "batch_norm 2-d": layer(nn.BatchNorm1d(3), (5, 3)),
        "batch_norm 4-d": layer(nn.BatchNorm2d(3), (2, 3, 5, 3)),
        "batch_norm constant": layer(nn.BatchNorm2d(3, affine=False), (2, 3, 3, 3)),
        "batch_norm eval": layer(nn.BatchNorm2d(3).eval(), (2, 3, 2, 3)),
        "relu": layer(nn.ReLU(), (3, 4)),
        "max_pool2d": layer(nn.MaxPool2d(3, 2, 1), (2, 2, 7, 6)),
        "avg_pool2d": layer(nn.AvgPool2d(3, 2, 1), (2, 2, 7, 6)),
        "avg_pool2d uneven": layer(nn.AvgPool2d((2, 3), (2, 1), (0, 1)), (1, 2, 6, 5)),
        "global_avg_pool": layer(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), (2, 3, 5, 4)),
    }


def narrow(stem, width=4):
    """A ResNet-18 of another width, from torchvision's blocks."""
    def stage(i, o, s):
        down = nn.Sequential(nn.Conv2d(i, o, 1, s, bias=False), nn.BatchNorm2d(o)) if s != 1 or i != o else None
        return nn.Sequential(BasicBlock(i, o, s, down), BasicBlock(o, o))

    net = ResNet(BasicBlock, [2, 2, 2, 2])
    cifar = stem == "cifar"
    net.conv1 = nn.Conv2d(3, width, 3, 1, 1, bias=False) if cifar else nn.Conv2d(3, width, 7, 2, 3, bias=False)
    net.bn1, net.fc = nn.BatchNorm2d(width), nn.Identity()
    net.maxpool = nn.Identity() if cifar else net.maxpool
    for n, (i, o, s) in enumerate([(1, 1, 1), (1, 2, 2), (2, 4, 2), (4, 8, 2)], 1):
        setattr(net, f"layer{n}", stage(i * width, o * width, s))
    return net


def network(stem):
    net = fill(narrow(stem))
    # The ImageNet stem divides by 4: a smaller image would leave its last batch norms 3 values per channel.
    size = 17 if stem == "cifar" else 35
    x = noise("input", (3, 3, size, size)).requires_grad_()
    y = net(x)
    (y * noise("weight of the loss", tuple(y.shape))).sum().backward()
    whole = ["conv1.weight", "bn1.weight", "bn1.bias", "layer2.0.downsample.0.weight", "layer4.1.bn2.bias", "layer3.0.bn1.weight"]
    named = dict(net.named_parameters())
    after = buffers(net)
    return {"input": list(x.shape), "train": numbers(y), "eval": numbers(net.eval()(x)), "input_gradient_norm": x.grad.norm().item(),
            "gradients": {n: numbers(named[n].grad) for n in whole}, "gradient_norms": {n: p.grad.norm().item() for n, p in named.items()},
            "buffers": {n: after[n] for n in after if n.startswith(("bn1", "layer2.0", "layer4.1.bn2"))}}


def shapes(net):
    return [[n, list(t.shape)] for n, t in [*net.named_parameters(), *net.named_buffers()]
            if not n.endswith("num_batches_tracked") and not n.startswith("fc.")]


def ramp(rows, cols, a, b, c):
    i, j = torch.arange(rows)[:, None], torch.arange(cols)[None]
    return torch.sin(a * i + b * j + c * i * j)


def nt_xent(z, views, tau):
    z = F.normalize(z, dim=1)
    n, b = z.shape[0], z.shape[0] // views
    logp = (z @ z.T / tau).masked_fill(torch.eye(n, dtype=torch.bool), -1e9).log_softmax(1)
    return -torch.stack([logp[i, (i + k * b) % n] for i in range(n) for k in range(1, views)]).mean()


def with_grad(f, z):
    z = z.clone().requires_grad_()
    loss = f(z)
    loss.backward()
    return {"z": numbers(z), "shape": list(z.shape), "loss": loss.item(), "gradient": numbers(z.grad)}


def losses(seed):
    k = 0.1 + 0.013 * seed
    z8, z12 = ramp(8, 5, 0.7, 1.3, k), ramp(12, 7, 0.9, 1.3, k)
    labels = [2, 0, 4, 4, 1, 3, 0, 2]
    return {"nt_xent": [{"views": v, "temperature": tau, **with_grad(lambda z: nt_xent(z, v, tau), x)}
                        for v, tau, x in [(2, 0.1, z8), (2, 0.5, z8), (3, 0.2, z12), (4, 0.3, z12)]],
            "cross_entropy": {"labels": labels, **with_grad(lambda z: F.cross_entropy(3 * z, torch.tensor(labels)), z8)}}


def lars(p, grads, lr, wd, momentum, trust, adapt):
    v, out = torch.zeros_like(p), []
    for g in grads:
        g = g + wd * p
        if adapt and p.norm() > 0 and g.norm() > 0:
            g = g * trust * p.norm() / g.norm()
        v = momentum * v + g
        p = p - lr * v
        out.append(numbers(p))
    return out


def sgd(p, grads, **options):
    p = p.clone().requires_grad_()
    optimizer, out = torch.optim.SGD([p], **options), []
    for g in grads:
        p.grad = g.clone()
        optimizer.step()
        out.append(numbers(p))
    return out


def warmup_cosine(base, warmup, total):
    return [base * (t + 1) / (warmup + 1) if t <= warmup
            else base * (1 + math.cos(math.pi * (t - warmup) / (total - warmup))) / 2 for t in range(total)]


def optimizers(seed):
    start, grads = noise(f"start {seed}", (3, 4)), [noise(f"gradient {seed} {i}", (3, 4)) for i in range(3)]
    case = lambda after, **o: {**o, "after_each_step": after}
    return {"start": numbers(start), "gradients": [numbers(g) for g in grads], "lr": 0.5,
            "lars": [case(lars(start, grads, 0.5, wd, 0.9, trust, adapt), weight_decay=wd, trust_coefficient=trust, adapt=adapt)
                     for wd, trust, adapt in [(0.01, 0.001, True), (0.0, 0.001, True), (0.0, 0.001, False), (0.1, 0.02, True)]],
            "sgd": [case(sgd(start, grads, lr=0.5, **o), **o)
                    for o in [dict(momentum=0.0, nesterov=False, weight_decay=0.0), dict(momentum=0.9, nesterov=False, weight_decay=0.01),
                              dict(momentum=0.9, nesterov=True, weight_decay=0.1)]],
            "warmup_cosine": [{"base": 4.0, "warmup": w, "total": 20, "lr": warmup_cosine(4.0, w, 20)} for w in (0, 2, 5)]}


def knn(k=7, tau=0.1, classes=4):
    train, test = noise("train features", (60, 6)), noise("test features", (25, 6))
    train_labels = [(i * i + i // 3) % classes for i in range(60)]
    similarity, index = (F.normalize(test) @ F.normalize(train).T).topk(k)
    votes = torch.zeros(25, classes).scatter_add_(1, torch.tensor(train_labels)[index], (similarity / tau).exp())
    return {"k": k, "temperature": tau, "classes": classes, "train_labels": train_labels, "predicted": votes.argmax(1).tolist()}


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--seed", type=int, default=0)
    a.add_argument("out", nargs="?", default="tests/fixtures/networks.json")
    a = a.parse_args()
    out = {
        "layers": layers(),
        "networks": {stem: network(stem) for stem in ("cifar", "imagenet")},
        "shapes": {n: shapes(getattr(torchvision.models, n)(weights=None)) for n in ("resnet18", "resnet34", "resnet50")},
        "losses": losses(a.seed), "optimizers": optimizers(a.seed), "knn": knn(),
    }
    with open(a.out, "w") as f:
        json.dump(out, f, separators=(",", ":"))


if __name__ == "__main__":
    main()
