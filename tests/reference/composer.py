"""Random programs: values to choose from, and inputs that are made when a step asks for one."""

import math
import random

import torch

from programs import extend, step, tensors, values

SIZES = [1, 1, 2, 3, 4, 5, 7]
# The most elements of a value, and how large one may be.
ELEMENTS, LARGEST = 72, 30.0


class Unfit(Exception):
    """A step that does not fit the values there are, or that comes near an edge."""


class Value:
    """What a step or an input is; an input's entry is that of a program."""

    def __init__(self, tensor, entry=None, op=None, operands=(), parameters=None):
        self.tensor, self.entry = tensor, entry
        self.op, self.operands, self.parameters = op, list(operands), parameters or {}

    @property
    def kind(self):
        return {torch.bool: "bool", torch.int64: "int"}.get(self.tensor.dtype, "float")

    @property
    def shape(self):
        return list(self.tensor.shape)


class Composer:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.draw = torch.Generator().manual_seed(self.random.getrandbits(60))
        self.values = []

    def chance(self, probability):
        return self.random.random() < probability

    def among(self, choices):
        choices = list(choices)
        if not choices:
            raise Unfit("nothing to choose from")
        return self.random.choice(choices)

    def shape(self, rank=None):
        while True:
            shape = [self.random.choice(SIZES) for _ in range(self.random.randint(0, 4) if rank is None else rank)]
            if math.prod(shape) <= ELEMENTS:
                return shape

    def images(self):
        return self.among([[1, 2, 5, 6], [2, 3, 3, 4], [1, 1, 7, 5], [2, 1, 4, 3], [3, 4, 2, 2]])

    def add(self, kind, shape, data):
        entry = {"kind": kind, "shape": list(shape), "values": data}
        value = Value(tensors({"inputs": [entry]})[0], entry)
        self.values.append(value)
        return value

    def floats(self, shape, low=-2.0, high=2.0):
        data = low + (high - low) * torch.rand(tuple(shape), generator=self.draw, dtype=torch.float64)
        return self.add("float", shape, values(torch.round(data * 1000) / 1000))

    def ints(self, shape, low=-3, high=4):
        data = torch.randint(low, high + 1, tuple(shape), generator=self.draw)
        return self.add("int", shape, data.flatten().tolist())

    def bools(self, shape):
        return self.add("bool", shape, (torch.rand(tuple(shape), generator=self.draw) < 0.5).flatten().tolist())

    def any(self, shape, kinds=("float", "int", "bool")):
        """An input of some kind, mostly of float."""
        kind = "float" if "float" in kinds and self.chance(0.75) else self.among(kinds)
        return {"float": self.floats, "int": self.ints, "bool": self.bools}[kind](shape)

    def pick(self, kinds=("float",), fits=lambda value: True):
        """A value that is there, the last one mostly."""
        known = [value for value in self.values if value.kind in kinds and fits(value)]
        if not known:
            raise Unfit("no such value")
        return known[-1] if self.chance(0.7) else self.random.choice(known)

    def broadcasting(self, shape):
        """A shape that broadcasts with another one."""
        found = [1 if self.chance(0.3) else size for size in shape[self.random.randint(0, len(shape)) :]]
        if len(shape) < 4 and len(found) == len(shape) and self.chance(0.2):
            found = [self.among([1, 2, 3]), *found]
        return found

    def partner(self, value, kinds=("float", "int", "bool")):
        """A value that broadcasts with another one: one that is there, or a new one."""
        known = [other for other in self.values if other.kind in kinds and broadcasts(other.shape, value.shape)]
        if known and self.chance(0.5):
            return self.random.choice(known)
        return self.any(self.broadcasting(value.shape), kinds)

    def dim(self, value):
        return self.among(range(len(value.shape)))

    def compute(self, op, *operands, **parameters):
        """The value of one more step, unless it is too large to be compared."""
        number = step(op, *range(len(operands)), **parameters)
        with torch.no_grad():
            tensor = extend([operand.tensor for operand in operands], number)
        if not 0 < tensor.numel() <= ELEMENTS or tensor.dim() > 4:
            raise Unfit("too many elements")
        if tensor.dtype != torch.bool and not tensor.abs().max() <= LARGEST:
            raise Unfit("too large")
        self.values.append(Value(tensor, None, op, operands, parameters))


def broadcasts(left, right):
    sizes = zip(reversed(left), reversed(right))
    return all(a == b or 1 in (a, b) for a, b in sizes)


def program(output):
    """What leads to a value, and nothing else."""
    order, inputs = [], []

    def visit(value):
        if value in order or value in inputs:
            return
        for operand in value.operands:
            visit(operand)
        (inputs if value.entry else order).append(value)

    visit(output)
    numbers = {value: number for number, value in enumerate([*inputs, *order])}
    steps = [step(value.op, *[numbers[operand] for operand in value.operands], **value.parameters) for value in order]
    return {"inputs": [value.entry for value in inputs], "steps": steps}
