"""Writes tests/scripts/fixtures/elementwise.lua: what PyTorch computes, in float64, for elementwise functions.
Run `python3 tests/reference/elementwise.py` after adding a case; what a case is stands in cases.py.
"""

import torch
import torch.nn.functional as F

from cases import INF, NAN, bools, case, constant, edge, floats, ints, positive, write

SHAPES = [(), (13,), (7, 1, 2), (2, 1, 3, 2)]


def unit(*shape):
    return floats(*shape, low=-0.98, high=0.98)


def over_one(*shape):
    return floats(*shape, low=1.05, high=5.0)


# Functions of one variable: values and gradients within their range, then at their ends.
ENDS = [-INF, -100.0, -1.0, -0.0, 0.0, 1.0, 100.0, INF, NAN]
# Not those at which the value or the gradient is in float64 and not in float32.
SMALL = [-INF, -10.0, -1.0, -0.0, 0.0, 1.0, 10.0, INF, NAN]
for name, function, make, ends in [
    ("square", torch.square, floats, ENDS),
    ("reciprocal", torch.reciprocal, positive, ENDS),
    ("rsqrt", torch.rsqrt, positive, ENDS),
    ("expm1", torch.expm1, floats, SMALL),
    ("exp2", torch.exp2, floats, ENDS),
    ("log2", torch.log2, positive, ENDS),
    ("log10", torch.log10, positive, ENDS),
    ("tan", torch.tan, lambda *shape: floats(*shape, low=-1.2, high=1.2), ENDS),
    ("asin", torch.asin, unit, ENDS),
    ("acos", torch.acos, unit, ENDS),
    ("atan", torch.atan, floats, ENDS),
    ("sinh", torch.sinh, floats, SMALL),
    ("cosh", torch.cosh, floats, SMALL),
    ("asinh", torch.asinh, floats, ENDS),
    ("acosh", torch.acosh, over_one, [-INF, 0.0, 1.0, 100.0, INF, NAN]),
    ("atanh", torch.atanh, unit, ENDS),
    ("erfc", torch.erfc, floats, ENDS),
    ("erfinv", torch.erfinv, unit, ENDS),
    ("trunc", torch.trunc, floats, ENDS),
    ("frac", torch.frac, floats, ENDS),
    ("silu", F.silu, floats, ENDS),
    ("mish", F.mish, floats, ENDS),
    ("selu", F.selu, floats, ENDS),
    ("relu6", F.relu6, floats, ENDS),
    ("hardswish", F.hardswish, lambda *shape: floats(*shape, low=-4.5, high=4.5), ENDS),
    ("softsign", F.softsign, floats, ENDS),
    ("logsigmoid", F.logsigmoid, floats, ENDS),
    ("softplus", F.softplus, floats, ENDS),
    ("elu", F.elu, floats, ENDS),
    ("leaky_relu", F.leaky_relu, floats, ENDS),
    ("hardtanh", F.hardtanh, floats, ENDS),
]:
    for shape in SHAPES:
        case(f"x:{name}()", function, make(*shape))
    edge("at its ends", f"x:{name}()", function, ends)

# Where digits get lost.
TINY = [1e-30, -1e-12, 3e-6, -2e-4, 1e-3]
for name in ["expm1", "sinh", "asinh", "atanh", "asin", "atan", "tan", "erfinv"]:
    edge("times 1e6 of what is small", f"x:{name}() * 1e6", lambda x: getattr(torch, name)(x) * 1e6, TINY)
constant("x:log2()", torch.log2, 2.0 ** torch.arange(-126, 128, 11).double(), dtype="float32")
near_one = torch.tensor([1 - 2**-12, 1 - 2**-18, 1 - 2**-23, -1 + 2**-20], dtype=torch.float64)
constant("x:erfinv()", torch.erfinv, near_one)
constant("x:atanh()", torch.atanh, near_one)
constant("x:log2() * 1e4", lambda x: torch.log2(x) * 1e4, 1 + torch.tensor([2**-20, -(2**-20), 2**-12]).double())
constant("x:acosh() * 1e3", lambda x: torch.acosh(x) * 1e3, 1 + torch.tensor([2**-20, 2**-12]).double())
constant("x:erfc() * 1e30", lambda x: torch.erfc(x) * 1e30, torch.tensor([8.0, 8.5, 9.0]).double())
constant("x:logsigmoid() * 1e30", lambda x: F.logsigmoid(x) * 1e30, torch.tensor([60.0, 70.0, 75.0]).double())
constant("x:softplus() * 1e30", lambda x: F.softplus(x) * 1e30, torch.tensor([-60.0, -70.0, -75.0]).double())
constant("x:mish() * 1e30", lambda x: F.mish(x) * 1e30, torch.tensor([-60.0, -70.0, -75.0]).double())
edge("far below", "x:acosh()", torch.acosh, [-3.0, -1e16], gradient=False)
edge("that are large", "x:hardswish() * 1e-30", lambda x: F.hardswish(x) * 1e-30, [3e38, -3e38])
constant("x:exp2()", torch.exp2, torch.arange(-20, 21).double())

# Functions with numbers.
for beta, threshold in [(2, 20), (0.5, 1), (-1.5, 20), (1, 0.25)]:
    case(f"x:softplus({beta}, {threshold})", lambda x: F.softplus(x, beta, threshold), floats(3, 5))
case("x:elu(0.4)", lambda x: F.elu(x, 0.4), floats(3, 5))
edge("over 0, on it and under it", "x:elu(-2)", lambda x: F.elu(x, -2.0), [1.0, 0.0, -1.0])
case("x:leaky_relu(0.3)", lambda x: F.leaky_relu(x, 0.3), floats(3, 5))
case("x:leaky_relu(-1)", lambda x: F.leaky_relu(x, -1.0), floats(7))
case("x:hardtanh(-0.5, 1.5)", lambda x: F.hardtanh(x, -0.5, 1.5), floats(3, 5))
edge("on the bounds", "x:hardtanh(-1, 2)", lambda x: F.hardtanh(x, -1.0, 2.0), [-1.0, 2.0, 0.0, -3.0, 3.0, NAN])
edge("on the bounds", "x:relu6()", F.relu6, [0.0, 6.0, 3.0, -1.0, 7.0])
edge("where its pieces meet", "x:hardswish()", F.hardswish, [-3.0, 3.0, -4.0, 4.0, 1.0])
for call, function in [
    ("x:clamp(nil, 0.3)", lambda x: x.clamp(max=0.3)),
    ("x:clamp(0.3, nil)", lambda x: x.clamp(min=0.3)),
    ("x:clamp(0.3)", lambda x: x.clamp(min=0.3)),
    ("x:clamp_min(0.3)", lambda x: x.clamp_min(0.3)),
    ("x:clamp_max(0.3)", lambda x: x.clamp_max(0.3)),
]:
    case(call, function, floats(3, 5))
    edge("on the bound, beyond it and without end", call, function, [0.3, 0.0, 2.0, NAN, -INF, INF])
for call, function in [
    ("x:nan_to_num(0, 5, -6)", lambda x: torch.nan_to_num(x, 0.0, 5.0, -6.0)),
    ("x:nan_to_num(1.5, 2, nil):clamp_min(-9)", lambda x: torch.nan_to_num(x, 1.5, 2.0).clamp_min(-9)),
    ("x:nan_to_num():clamp(-9, 9)", lambda x: torch.nan_to_num(x).clamp(-9, 9)),
]:
    edge("without end", call, function, [NAN, INF, -INF, 2.0, -0.5])

# Functions of two tensors. Broadcasting stretches the left, the right, and both operands.
PAIRS = [((3, 5), (3, 5)), ((3, 5), (5,)), ((7, 1, 2), (1, 3, 2)), ((), (5,)), ((1, 3), (2, 1, 3))]
for name, function, left, right in [
    ("atan2", torch.atan2, floats, floats),
    ("hypot", torch.hypot, floats, floats),
    ("logaddexp", torch.logaddexp, floats, floats),
    ("xlogy", torch.xlogy, floats, positive),
    ("fmod", torch.fmod, floats, positive),
    ("remainder", torch.remainder, floats, positive),
]:
    for shapes in PAIRS:
        case(f"x:{name}(y)", function, left(*shapes[0]), right(*shapes[1]))
    case(f"x:{name}(1.5)", lambda x: function(x, torch.tensor(1.5, dtype=torch.float64)), left(3, 5))
    case(f"x:{name}(x)", lambda x: function(x, x), positive(4) + 0.01)
LEFT = [0.0, 0.0, -0.0, -0.0, 1.0, INF, -INF, NAN, INF, 0.0, -3.0, 3.0, -3.0, 1.0]
RIGHT = [0.0, -0.0, 0.0, -0.0, 0.0, INF, INF, INF, NAN, -1.0, -2.0, -2.0, 2.0, INF]
for name in ["atan2", "hypot", "logaddexp", "fmod", "remainder", "xlogy"]:
    edge("at its ends", f"x:{name}(y)", getattr(torch, name), LEFT, RIGHT)
edge("where there is nothing", "x:xlogy(y)", torch.xlogy, [0.0, 0.0, 0.0, 1.0, 0.0], [0.0, -1.0, NAN, 0.0, 2.0])
edge("with −∞", "x:logaddexp(y)", torch.logaddexp, [-INF, -INF, INF, 80.0], [-INF, 1.0, -INF, -80.0])
edge("that are large", "x:hypot(y)", torch.hypot, [3e20, 3e-30], [4e20, 4e-30])
edge("that are small", "x:atan2(y)", torch.atan2, [3e-10, -2e-7], [4e-10, 1e-7])
for shapes in PAIRS:
    constant("x:floor_divide(y)", torch.floor_divide, floats(*shapes[0]), positive(*shapes[1]))
    constant("x:heaviside(y)", torch.heaviside, floats(*shapes[0]).round(), floats(*shapes[1]))
edge("of NaN", "x:heaviside(y)", torch.heaviside, [NAN, 0.0, -0.0], [0.5, 0.25, 0.75], gradient=False)
for a, b, w in [((3, 5), (3, 5), (3, 5)), ((5,), (3, 1), ()), ((2, 1, 3), (3,), (4, 1)), ((), (), (5,))]:
    case("x:lerp(y, z)", torch.lerp, floats(*a), floats(*b), unit(*w))
for weight in [0.0, 0.25, 0.5, 0.75, 1.0, -1.5, 2.0]:
    case(f"x:lerp(y, {weight})", lambda x, y: torch.lerp(x, y, weight), floats(3, 5), floats(5))
edge("at both ends", "x:lerp(y, z)", torch.lerp, [0.1, 0.1, 1e8], [0.3, 0.3, 1.0], [0.0, 1.0, 1.0])

# Truth values.
ODD = torch.tensor([1.0, -INF, INF, NAN, -0.0, 3e38], dtype=torch.float64)
for name in ["isnan", "isinf", "isfinite"]:
    constant(f"x:{name}()", getattr(torch, name), ODD, dtype="bool")
    constant(f"x:{name}()", getattr(torch, name), ints(3), dtype="bool")
    constant(f"x:{name}()", getattr(torch, name), bools(3), dtype="bool")
constant("x:logical_xor(y)", torch.logical_xor, bools(3, 5), bools(5))
constant("x:logical_xor(y)", torch.logical_xor, bools(7, 1, 2), bools(1, 3, 2))
near = torch.tensor([1.0, 1.00001, 1.1, INF, INF, NAN, NAN, 0.0, 1.0], dtype=torch.float64)
other = torch.tensor([1.0, 1.0, 1.0, INF, -INF, NAN, 1.0, 5e-9, INF], dtype=torch.float64)
# float32 has 1.00001 a little nearer or farther: not on the bound itself.
for options, parameters in [
    ("", {"rtol": 2e-5}),
    (", equal_nan = true", {"rtol": 2e-5, "equal_nan": True}),
    (", atol = 0.2", {"rtol": 2e-5, "atol": 0.2}),
    (", atol = 0", {"rtol": 2e-5, "atol": 0.0}),
]:
    constant(f"x:isclose(y, {{ rtol = 2e-5{options} }})", lambda x, y: torch.isclose(x, y, **parameters), near, other)
    constant(
        f"mb.tensor(x:allclose(y, {{ rtol = 2e-5{options} }}))",
        lambda x, y: torch.tensor(torch.allclose(x, y, **parameters)),
        near[:3],
        other[:3],
    )
constant("x:isclose(y)", torch.isclose, floats(3, 1), floats(5))
for left, right in [([1.0, 2.0], [1.0, 2.0]), ([1.0, 2.0], [1.0, 3.0]), ([NAN], [NAN]), ([0.0], [-0.0])]:
    pair = [torch.tensor(values, dtype=torch.float64) for values in (left, right)]
    edge(f"for {left} and {right}", "mb.tensor(x:equal(y))", lambda x, y: torch.tensor(torch.equal(x, y)), *pair, gradient=False)
constant("mb.tensor(x:equal(y))", lambda x, y: torch.tensor(torch.equal(x, y)), floats(3), floats(3, 1))

# Ints give ints where PyTorch's do.
constant("x:square()", torch.square, ints(3, 5), dtype="int32")
constant("x:square()", torch.square, bools(4), dtype="int32")
constant("x:trunc()", torch.trunc, ints(3, 5), dtype="int32")
constant("x:relu6()", F.relu6, ints(3, 5), dtype="int32")
constant("x:hardtanh(-3, 4)", lambda x: F.hardtanh(x, -3, 4), ints(3, 5), dtype="int32")
constant("x:clamp_min(-2)", lambda x: x.clamp_min(-2), ints(3, 5), dtype="int32")
constant("x:clamp(nil, 2)", lambda x: x.clamp(max=2), ints(3, 5), dtype="int32")
constant("x:nan_to_num()", torch.nan_to_num, ints(4), dtype="int32")
for name in ["fmod", "remainder", "floor_divide"]:
    constant(f"x:{name}(y)", getattr(torch, name), ints(3, 5), ints(5, low=1, high=4), dtype="int32")
    constant(f"x:{name}(-3)", lambda x: getattr(torch, name)(x, -3), ints(3, 5), dtype="int32")
    constant(f"x:{name}(2.5)", lambda x: getattr(torch, name)(x.double(), 2.5), ints(3, 5), dtype="float32")
for name in ["reciprocal", "rsqrt", "expm1", "exp2", "log2", "log10", "atan", "sinh", "asinh", "erfc"]:
    constant(f"x:{name}()", lambda x: getattr(torch, name)(x.double()), ints(5, low=1, high=5), dtype="float32")
constant("x:softsign()", F.softsign, ints(5).abs(), dtype="float32")
constant("x:atan2(y)", lambda x, y: torch.atan2(x.double(), y.double()), ints(3, 5), ints(5), dtype="float32")
constant("x:xlogy(y)", lambda x, y: torch.xlogy(x.double(), y.double()), ints(3, 5), ints(5, low=1), dtype="float32")
constant("x:heaviside(2)", lambda x: torch.heaviside(x, torch.tensor(2)), ints(9, low=-2, high=2), dtype="int32")

# Even steps.
for first, last, count in [(0.0, 1.0, 5), (-2.5, 3.1, 8), (3.0, -1.0, 4), (1.0, 2.0, 1), (7.0, 7.0, 3)]:
    values = torch.linspace(first, last, count, dtype=torch.float64)
    edge("in steps", f"mb.linspace({first}, {last}, {count})", lambda: values, gradient=False)
for first, last, count, base in [(0.0, 2.0, 3, 10), (-1.0, 1.0, 5, 2)]:
    values = torch.logspace(first, last, count, base, dtype=torch.float64)
    edge("in steps", f"mb.logspace({first}, {last}, {count}, {base})", lambda: values, gradient=False)

write(__file__)
