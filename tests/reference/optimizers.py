#!/usr/bin/env python3
"""Writes optimizers.json: where 10 steps of each update rule take a parameter, in float64.

SGD, Adam, AdamW, RMSprop and Adagrad are PyTorch's, LAMB and Lion the formulas of their papers.

    optimizers.py [OUT]        (needs torch)
"""

import argparse
import json
import pathlib

import torch

OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "optimizers.json"
STEPS = 10
# One of a matrix and one of a vector, of odd sizes.
SHAPES = [(3, 5), (7,)]


def lamb(parameter, betas=(0.9, 0.999), eps=1e-6, weight_decay=0.01, lr=1e-3, adapts=True):
    mean, squares = torch.zeros_like(parameter), torch.zeros_like(parameter)
    for count in range(1, STEPS + 1):
        gradient = yield parameter
        mean = betas[0] * mean + (1 - betas[0]) * gradient
        squares = betas[1] * squares + (1 - betas[1]) * gradient**2
        step = mean / (1 - betas[0] ** count) / ((squares / (1 - betas[1] ** count)).sqrt() + eps)
        if adapts:
            step = step + weight_decay * parameter
            lengths = parameter.norm(), step.norm()
            step = step * (lengths[0] / lengths[1] if all(lengths) else 1)
        parameter = parameter - lr * step
    yield parameter


def lion(parameter, betas=(0.9, 0.99), weight_decay=0.0, lr=1e-4):
    mean = torch.zeros_like(parameter)
    for _ in range(STEPS):
        gradient = yield parameter
        step = (betas[0] * mean + (1 - betas[0]) * gradient).sign() + weight_decay * parameter
        mean = betas[1] * mean + (1 - betas[1]) * gradient
        parameter = parameter - lr * step
    yield parameter


def torchs(kind):
    def steps(parameter, **options):
        parameter = torch.nn.Parameter(parameter.clone())
        optimizer = kind([parameter], **options)
        for _ in range(STEPS):
            parameter.grad = yield parameter.detach().clone()
            optimizer.step()
        yield parameter.detach().clone()

    return steps


RULES = {
    "sgd": (torchs(torch.optim.SGD), [dict(), dict(momentum=0.9, weight_decay=0.01), dict(momentum=0.5, nesterov=True)]),
    "adam": (torchs(torch.optim.Adam), [dict(), dict(betas=(0.5, 0.9), eps=1e-3), dict(weight_decay=0.1), dict(betas=(0.0, 0.0))]),
    "adam_w": (torchs(torch.optim.AdamW), [dict(), dict(betas=(0.9, 0.95), weight_decay=0.3)]),
    "rms_prop": (
        torchs(torch.optim.RMSprop),
        [dict(), dict(alpha=0.9, momentum=0.9, eps=1e-4), dict(centered=True, weight_decay=0.1), dict(alpha=0.0)],
    ),
    "adagrad": (
        torchs(torch.optim.Adagrad),
        [dict(), dict(lr_decay=0.1, initial_accumulator_value=0.5, weight_decay=0.1), dict(eps=0.1)],
    ),
    "lamb": (lamb, [dict(), dict(weight_decay=0.0, betas=(0.5, 0.9))]),
    "lion": (lion, [dict(), dict(betas=(0.5, 0.9), weight_decay=0.2)]),
}


def case(name, steps, options, shape, draw):
    start = torch.randn(shape, generator=draw)
    gradients = [torch.randn(shape, generator=draw) * 10.0 ** torch.randint(-3, 2, shape, generator=draw) for _ in range(STEPS)]
    gradients[1][..., 0] = 0  # a value without a gradient for once
    lr = 0.05
    # A vector is none of the weights that LAMB adapts.
    own = dict(adapts=len(shape) > 1) if name == "lamb" else {}
    way = steps(start.double(), lr=lr, **options, **own)
    next(way)
    after = [way.send(gradient.double()) for gradient in gradients]
    numbers = lambda tensor: [float(f"{value:.10g}") for value in tensor.flatten().tolist()]  # noqa: E731
    return {
        "rule": {name: {key: list(value) if isinstance(value, tuple) else value for key, value in options.items()}},
        "shape": list(shape),
        "lr": lr,
        "start": numbers(start),
        "gradients": [numbers(gradient) for gradient in gradients],
        "after_each_step": [numbers(tensor) for tensor in after],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", nargs="?", type=pathlib.Path, default=OUT)
    out = parser.parse_args().out
    draw = torch.Generator().manual_seed(0)
    cases = [
        case(name, steps, options, shape, draw)
        for name, (steps, choices) in RULES.items()
        for options in choices
        for shape in SHAPES
    ]
    out.write_text("[\n" + ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in cases) + "\n]\n")
    print(f"{len(cases)} cases, {out.stat().st_size} bytes")


main()
