"""Cases away from the edges of an operation: value, first and second gradients in PyTorch's float64, and the same as
central differences. Where the two differ, nothing is written. For the scripts that write tests/fixtures/*gradients.json.

A case is a program (`programs.py`); its name says the operation, its parameters and its inputs.
"""

import math
import zlib

import torch

from programs import Reference, drawn, off, run, step, tensors, values

# What differences in float64 are off by; a wrong gradient is off by about 1.
DIFFERENCES = 1e-6
cases = {}
draw = torch.Generator()
torch.set_num_threads(1)


def floats(*shape, low=-2.0, high=2.0):
    """Distinct values of 3 decimals, so that no extreme is tied; none is within 0.01 of a multiple of a half."""

    def make():
        grid = torch.linspace(low, high, 797, dtype=torch.float64)
        grid = grid[((2 * grid) - (2 * grid).round()).abs() > 0.02]
        picked = grid[torch.randperm(len(grid), generator=draw)[: math.prod(shape)]]
        return {"kind": "float", "shape": list(shape), "values": values(torch.round(picked * 1000) / 1000)}

    return make


def positive(*shape):
    return floats(*shape, low=0.2, high=3.0)


def ints(*shape, low=0, high=4):
    """From low to high, both included."""

    def make():
        found = torch.randint(low, high + 1, shape, generator=draw)
        return {"kind": "int", "shape": list(shape), "values": found.flatten().tolist()}

    return make


def bools(*shape):
    def make():
        found = torch.rand(shape, generator=draw) < 0.5
        return {"kind": "bool", "shape": list(shape), "values": found.flatten().tolist()}

    return make


def given(kind, shape, data):
    return lambda: {"kind": kind, "shape": list(shape), "values": data}


def definite(*shape):
    """Symmetric matrices, well conditioned."""

    def make():
        size = shape[-1]
        factor = torch.rand(shape, generator=draw, dtype=torch.float64) - 0.5
        matrix = factor @ factor.transpose(-1, -2) + torch.eye(size)
        return {"kind": "float", "shape": list(shape), "values": values(torch.round(matrix * 1000) / 1000)}

    return make


def spread(*shape):
    """As definite, with eigenvalues that lie apart."""

    def make():
        factor = torch.rand(shape, generator=draw, dtype=torch.float64) - 0.5
        matrix = factor @ factor.mT + torch.diag(1 + torch.arange(shape[-1])) / 2
        return {"kind": "float", "shape": list(shape), "values": values(torch.round(matrix * 1000) / 1000)}

    return make


def apart(*shape):
    """Matrices whose singular values lie apart."""

    def make():
        noise = 0.8 * torch.rand(shape, generator=draw, dtype=torch.float64) - 0.4
        places = torch.arange(min(shape[-2:]))
        noise[..., places, places] += 1.0 + places
        return {"kind": "float", "shape": list(shape), "values": values(torch.round(noise * 1000) / 1000)}

    return make


def describe(entry):
    mark = {"float": "", "int": "int ", "bool": "bool "}[entry["kind"]]
    return f"{mark}{entry['shape']}"


def case(op, *inputs, orders=2, **parameters):
    """A case of one operation that takes all inputs."""
    program(None, [step(op, *range(len(inputs)), **parameters)], *inputs, orders=orders)


def program(name, steps, *inputs, orders=2):
    last = steps[-1]
    own = [f"{key}={value}" for key, value in last.items() if key not in ("op", "args", "names")]
    seed = name or " ".join([last["op"], *own])
    # Inputs are keyed by the case, so that another case changes none of them.
    draw.manual_seed(zlib.crc32(f"{seed} {len(inputs)}".encode()))
    entries = [make() for make in inputs]
    name = name or " ".join([seed, "of", ", ".join(map(describe, entries))])
    assert name not in cases, name
    made = {"inputs": entries, "steps": steps}
    shape = run(made, tensors(made)).shape
    weights = drawn(shape, draw)
    directions = [drawn(entry["shape"], draw) for entry in entries if entry["kind"] == "float"]
    found = Reference(made, weights, directions)
    first_fd = found.differences(found.of_first)[:-1]
    assert len(first_fd) == len(found.first)
    check(name, "first", found.first, first_fd)
    results = {"first": found.first, "first_fd": first_fd}
    if orders == 2:
        second_fd = found.differences(found.of_second)
        check(name, "second", found.second, second_fd)
        results |= {"second": found.second, "second_fd": second_fd}
    cases[name] = {**found.entry(), **{key: [values(tensor) for tensor in found] for key, found in results.items()}}


def check(name, order, gradients, differences):
    for number, (gradient, difference) in enumerate(zip(gradients, differences)):
        error = off(difference, gradient)
        assert error < DIFFERENCES, f"{name}: {order} gradient {number}: {gradient} but {difference}: {error}"
