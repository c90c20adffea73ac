"""Elementwise functions beside those of operations.py, in PyTorch: by the names that the core has for them, and how a
random program meets them away from their edges."""

import torch
import torch.nn.functional as F


def real(x):
    return x if x.is_floating_point() else x.to(torch.get_default_dtype())


# By name: the function, and what values may be of it without coming near an edge or leaving what float32 keeps.
FUNCTIONS = {
    **{
        name: (getattr(torch, name), None)
        for name in "expm1 exp2 atan sinh cosh asinh erfc".split()
    },
    **{name: (getattr(F, name), None) for name in "silu mish softsign logsigmoid".split()},
    **{name: (getattr(torch, name), (0.2, 30)) for name in "rsqrt log2 log10 reciprocal".split()},
    **{name: (getattr(torch, name), (-0.9, 0.9)) for name in "asin acos atanh erfinv".split()},
    "square": (torch.square, (-5, 5)),
    "tan": (torch.tan, (-1.2, 1.2)),
    "acosh": (torch.acosh, (1.1, 30)),
}
# Where the pieces of a function meet.
PIECES = {
    "selu": (F.selu, (0,)),
    "relu6": (F.relu6, (0, 6)),
    "hardswish": (F.hardswish, (-3, 3)),
}
JUMPS = {"trunc": torch.trunc, "frac": torch.frac}
WITH_NUMBER = {
    "elu": (F.elu, (0,)),
    "leaky_relu": (F.leaky_relu, (0,)),
    "clamp_min": (lambda x, value: x.clamp_min(value), ()),
    "clamp_max": (lambda x, value: x.clamp_max(value), ()),
}
PAIRS = {name: getattr(torch, name) for name in "atan2 hypot logaddexp xlogy".split()}


def of_one(function):
    return lambda step, x: function(real(x))


def with_number(function):
    return lambda step, x: function(real(x), step["value"])


def of_two(function):
    return lambda step, x, y: function(real(x), real(y))


def lerp(step, x, y, weight):
    shape = torch.broadcast_shapes(x.shape, y.shape, weight.shape)
    return torch.lerp(x.expand(shape), y.expand(shape), weight.expand(shape))


ELEMENTWISE = {
    **{name: of_one(function) for name, (function, _) in [*FUNCTIONS.items(), *PIECES.items()]},
    **{name: of_one(function) for name, function in JUMPS.items()},
    **{name: with_number(function) for name, (function, _) in WITH_NUMBER.items()},
    **{name: of_two(function) for name, function in PAIRS.items()},
    "fmod": of_two(torch.fmod),
    "logical_xor": lambda step, x, y: torch.logical_xor(x, y),
    "lerp": lerp,
    "softplus": lambda step, x: F.softplus(real(x), step["beta"], step["threshold"]),
    "hardtanh": lambda step, x: F.hardtanh(real(x), step["min"], step["max"]),
    "nan_to_num": of_one(torch.nan_to_num),
}
