"""Programs of tensor operations as data, and what PyTorch computes of them and of their gradients.

A program has inputs, each of a kind, a shape and values, and steps: an operation as Moonburn's core calls it, the
numbers of the values that it takes (inputs first, then earlier steps), and its parameters, where dims and positions
count from 0. The last value y is the output. Its gradients are those of Σ w·y by the float inputs, the second ones
those of Σᵢ vᵢ·gᵢ by the float inputs and by w.
"""

import json
import math

import torch

from operations import OPERATIONS

DTYPES = {"float": None, "int": torch.int64, "bool": torch.bool}


def number(value):
    """A value of JSON, which has neither infinities nor NaN."""
    return float(value) if isinstance(value, str) else value


def encode(value, digits=7):
    if not math.isfinite(value):
        return str(value)
    short = float(f"{value:.{digits}g}")
    return int(short) if short.is_integer() and abs(short) < 1e6 and not math.copysign(1, short) < short else short


def values(tensor, digits=7):
    return [encode(value, digits) for value in tensor.detach().double().flatten().tolist()]


def tensors(program, dtype=torch.float64):
    """The inputs. Those of float have what float32 makes of them, whatever they are computed in."""
    found = []
    for entry in program["inputs"]:
        data = [number(value) for value in entry["values"]]
        if entry["kind"] == "float":
            found.append(torch.tensor(data, dtype=torch.float32).to(dtype).reshape(entry["shape"]))
        else:
            found.append(torch.tensor(data, dtype=DTYPES[entry["kind"]]).reshape(entry["shape"]))
    return found


def step(op, *args, **parameters):
    return {"op": op, "args": list(args), **parameters}


def extend(found, step):
    """The value of one more step."""
    return OPERATIONS[step["op"]](step, *[found[position] for position in step["args"]])


def run(program, inputs, rounded=lambda value: value):
    found = list(inputs)
    for step in program["steps"]:
        found.append(rounded(extend(found, step)))
    return found[-1]


def is_float(tensor):
    return tensor.is_floating_point()


def gradient(outputs, inputs, by_outputs, create_graph=False):
    """Zeros where nothing leads from an input to an output."""
    pairs = [(y, w) for y, w in zip(outputs, by_outputs) if y.requires_grad]
    if not pairs:
        return [torch.zeros_like(x) for x in inputs]
    found = torch.autograd.grad(
        [y for y, _ in pairs],
        inputs,
        [w for _, w in pairs],
        create_graph=create_graph,
        retain_graph=True,
        allow_unused=True,
    )
    # What PyTorch knows to be zero may have no memory.
    return [torch.zeros_like(x) if g is None or g._is_zerotensor() else g for g, x in zip(found, inputs)]


def drawn(shape, draw, dtype=torch.float64):
    """Factors of 3 decimals between 0.25 and 2 of either sign, as float32 has them."""
    steps = torch.randint(250, 2001, tuple(shape), generator=draw)
    signs = 2 * torch.randint(0, 2, tuple(shape), generator=draw) - 1
    return (steps * signs / 1000).to(torch.float32).to(dtype)


class Reference:
    """Value, first and second gradients of a program at its inputs; what `rounded` does to the value of every step."""

    def __init__(self, program, weights, directions, dtype=torch.float64, **rounded):
        torch.set_default_dtype(dtype)
        self.program = program
        self.inputs = [x.requires_grad_() if is_float(x) else x for x in tensors(program, dtype)]
        self.floats = [x for x in self.inputs if is_float(x)]
        self.output = run(program, self.inputs, **rounded)
        self.weights = weights.to(dtype).requires_grad_()
        self.directions = [v.to(dtype) for v in directions]
        self.first = gradient([self.output], self.floats, [self.weights], create_graph=True)
        self.second = gradient(self.first, [*self.floats, self.weights], self.directions)

    def entry(self):
        """Everything of the case but its gradients."""
        return {
            **self.program,
            "shape": list(self.output.shape),
            "value": values(self.output),
            "weights": values(self.weights),
            "directions": [values(v) for v in self.directions],
        }

    def of_first(self, inputs, weights):
        """Σ w·y."""
        return (run(self.program, inputs) * weights).sum()

    def of_second(self, inputs, weights):
        """Σᵢ vᵢ·gᵢ."""
        floats = [x.requires_grad_() for x in inputs if is_float(x)]
        found = gradient([run(self.program, inputs)], floats, [weights])
        return sum((v * g).sum() for v, g in zip(self.directions, found))

    def differences(self, function):
        """Central differences of a function of the inputs and w, by the float inputs and by w."""
        inputs = [x.detach().clone() for x in self.inputs]
        weights = self.weights.detach().clone()
        found = []
        for x in [*filter(is_float, inputs), weights]:
            by_x = torch.zeros_like(x)
            for position in range(x.numel()):
                value = x.detach().reshape(-1)[position].item()
                step = 1e-6 * max(1.0, abs(value))
                sides = []
                for moved in (value + step, value - step):
                    with torch.no_grad():
                        x.reshape(-1)[position] = moved
                    sides.append(function([t.detach().clone() for t in inputs], weights).item())
                with torch.no_grad():
                    x.reshape(-1)[position] = value
                by_x.reshape(-1)[position] = (sides[0] - sides[1]) / (2 * step)
            found.append(by_x)
        return found


def off(found, wanted):
    """The largest difference, relative to the largest value wanted or to 1e-3."""
    return ((found - wanted).abs().max() / max(wanted.abs().max().item(), 1e-3)).item()


def write(cases, path):
    """A line for each case by its name."""
    rows = (f"{json.dumps(name)}:{json.dumps(entry, separators=(',', ':'))}" for name, entry in cases.items())
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n")
    print(f"{len(cases)} cases, {path.stat().st_size} bytes")
