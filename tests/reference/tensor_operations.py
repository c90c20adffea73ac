"""Writes tests/scripts/fixtures/tensor_operations.lua: what PyTorch computes, in float64, for the tensor operations of old.
Run `python3 tests/reference/tensor_operations.py` after adding a case; what a case is stands in cases.py.
"""

import torch
import torch.nn.functional as F

from cases import INF, NAN, bools, case, constant, edge, floats, ints, positions, positive, write

# Arithmetic. Broadcasting stretches the left, the right, and both operands.
PAIRS = [((3, 5), (3, 5)), ((3, 5), (5,)), ((7, 1, 2), (1, 3, 2)), ((), (5,)), ((1, 3), (2, 1, 3))]
for symbol, function, second in [
    ("+", torch.add, floats),
    ("-", torch.sub, floats),
    ("*", torch.mul, floats),
    ("/", torch.div, positive),
]:
    for left, right in PAIRS:
        case(f"x {symbol} y", function, floats(*left), second(*right))
    case(f"x {symbol} 1.5", lambda x: function(x, 1.5), floats(3, 5))
    case(f"1.5 {symbol} x", lambda x: function(torch.tensor(1.5, dtype=torch.float64), x), positive(7, 1, 2))
for left, right in PAIRS:
    case("x ^ y", torch.pow, positive(*left), floats(*right))
    case("x % y", torch.remainder, floats(*left), positive(*right))
    case("x:maximum(y)", torch.maximum, floats(*left), floats(*right) + 0.0001)
    case("x:minimum(y)", torch.minimum, floats(*left), floats(*right) + 0.0001)
    constant("x // y", lambda x, y: torch.div(x, y, rounding_mode="floor"), floats(*left), positive(*right))
case("x ^ 2", lambda x: x**2, floats(3, 5))
case("x ^ 3", lambda x: x**3, floats(7, 1, 2))
case("x ^ -1", lambda x: x**-1.0, positive(5))
case("x ^ 0.5", lambda x: x**0.5, positive(5))
case("2 ^ x", lambda x: 2.0**x, floats(3, 5))
case("x % 0.75", lambda x: torch.remainder(x, 0.75), floats(11))
case("-x", torch.neg, floats(2, 1, 3, 1, 2, 1))
case("x:add(y):sub(z)", lambda x, y, z: x + y - z, floats(3, 5), floats(1, 5), floats(3, 1))
case("x:mul(y):div(z)", lambda x, y, z: x * y / z, floats(3, 5), floats(1, 5), positive(3, 1))
case("x:pow(y)", torch.pow, positive(3, 5), floats(3, 1))
case("x:maximum(0.3)", lambda x: x.clamp(min=0.3), floats(3, 5))
case("x:minimum(0.3)", lambda x: x.clamp(max=0.3), floats(3, 5))
case("x + x * x", lambda x: x + x * x, floats(3, 5))
case("x * y", torch.mul, floats(3, 5), ints(5))
case("x + y", torch.add, floats(3, 5), bools(3, 1))

# Functions of one variable.
for name, function, make in [
    ("neg", torch.neg, floats),
    ("abs", torch.abs, floats),
    ("exp", torch.exp, floats),
    ("log", torch.log, positive),
    ("log1p", torch.log1p, positive),
    ("sqrt", torch.sqrt, positive),
    ("sin", torch.sin, floats),
    ("cos", torch.cos, floats),
    ("tanh", torch.tanh, floats),
    ("erf", torch.erf, floats),
    ("sigmoid", torch.sigmoid, floats),
    ("relu", torch.relu, floats),
    ("gelu", F.gelu, floats),
    ("floor", torch.floor, floats),
    ("ceil", torch.ceil, floats),
    ("round", torch.round, floats),
    ("sign", torch.sign, floats),
]:
    for shape in [(), (13,), (7, 1, 2), (1, 2, 1, 3, 1, 2)]:
        case(f"x:{name}()", function, make(*shape))
case("x:clamp(-0.5, 1)", lambda x: x.clamp(-0.5, 1), floats(3, 5))
case("x:masked_fill(y, -3)", lambda x, y: x.masked_fill(y, -3), floats(3, 5), bools(3, 5))
case("x:masked_fill(y, 0.5)", lambda x, y: x.masked_fill(y, 0.5), floats(2, 3, 5), bools(3, 1))
case("mb.where(x, y, z)", torch.where, bools(3, 5), floats(3, 5), floats(3, 5))
case("mb.where(x, y, z)", torch.where, bools(3, 1), floats(5), floats(2, 3, 1))

# Reductions.
STEADY = [
    ("sum", torch.sum),
    ("mean", torch.mean),
    ("var", torch.var),
    ("std", torch.std),
    ("norm", lambda x, dim=None, keepdim=False: torch.linalg.vector_norm(x, dim=dim, keepdim=keepdim)),
]
for name, function in STEADY:
    case(f"x:{name}()", function, floats(3, 5))
    case(f"x:{name}(1)", lambda x: function(x, dim=0), floats(3, 5))
    case(f"x:{name}(-1, true)", lambda x: function(x, dim=-1, keepdim=True), floats(2, 3, 5))
    case(f"x:{name}(3)", lambda x: function(x, dim=2), floats(2, 1, 7, 2))
for name, function, extreme in [("max", torch.amax, torch.max), ("min", torch.amin, torch.min)]:
    case(f"x:{name}()", extreme, floats(3, 5))
    case(f"x:{name}()", extreme, floats())
    case(f"x:{name}(1)", lambda x: function(x, dim=0), floats(3, 5))
    case(f"x:{name}(-1, true)", lambda x: function(x, dim=-1, keepdim=True), floats(2, 3, 5))
    case(f"x:{name}(2)", lambda x: function(x, dim=1), floats(2, 7, 1, 2))
for name in ["sum", "mean", "norm"]:
    case(f"x:{name}()", dict(STEADY)[name], floats())
case("x:sum(nil, true)", lambda x: x.sum().reshape(1, 1), floats(3, 5))
for name, function in [("softmax", torch.softmax), ("log_softmax", torch.log_softmax), ("normalize", F.normalize)]:
    case(f"x:{name}()", lambda x: function(x, dim=-1), floats(3, 5))
    case(f"x:{name}(1)", lambda x: function(x, dim=0), floats(7, 1, 2))
    case(f"x:{name}(2)", lambda x: function(x, dim=1), floats(2, 3, 2, 1))
    case(f"x:{name}(-1)", lambda x: function(x, dim=-1), floats(11))
case("x:topk(2)", lambda x: x.topk(2).values, floats(3, 5))
case("x:topk(3, 1)", lambda x: x.topk(3, dim=0).values, floats(5, 1, 2))

# The matrix product.
for left, right in [
    ((3, 5), (5, 2)),
    ((1, 7), (7, 1)),
    ((2, 3, 5), (2, 5, 4)),
    ((2, 3, 5), (5, 4)),
    ((3, 5), (2, 5, 1)),
    ((2, 1, 3, 2), (1, 3, 2, 5)),
    ((1, 2, 1, 1, 2, 3), (3, 2)),
]:
    case("x:matmul(y)", torch.matmul, floats(*left), floats(*right))

# Shapes.
case("x:reshape(5, 3)", lambda x: x.reshape(5, 3), floats(3, 5))
case("x:reshape(2, -1)", lambda x: x.reshape(2, -1), floats(7, 1, 2))
case("x:reshape({})", lambda x: x.reshape([]), floats(1, 1))
case("x:reshape(1, 1, 1)", lambda x: x.reshape(1, 1, 1), floats())
case("x:permute(3, 1, 2)", lambda x: x.permute(2, 0, 1), floats(7, 1, 2))
case("x:permute(6, 1, 3, 2, 5, 4)", lambda x: x.permute(5, 0, 2, 1, 4, 3), floats(2, 1, 3, 1, 2, 2))
case("x:transpose()", lambda x: x.transpose(-1, -2), floats(3, 5))
case("x:transpose(1, -1)", lambda x: x.transpose(0, -1), floats(2, 3, 5))
case("x:flatten()", lambda x: x.flatten(), floats(2, 3, 2))
case("x:flatten(2)", lambda x: x.flatten(1), floats(2, 3, 2, 1))
case("x:flatten(1, 2)", lambda x: x.flatten(0, 1), floats(2, 3, 2))
case("x:flatten()", lambda x: x.flatten(), floats())
case("x:squeeze()", lambda x: x.squeeze(), floats(1, 3, 1, 2))
case("x:squeeze(2)", lambda x: x.squeeze(1), floats(7, 1, 2))
case("x:unsqueeze(1)", lambda x: x.unsqueeze(0), floats(3, 5))
case("x:unsqueeze(-1)", lambda x: x.unsqueeze(-1), floats(3, 5))
case("x:unsqueeze(1)", lambda x: x.unsqueeze(0), floats())
case("x:flip(1)", lambda x: x.flip(0), floats(3, 5))
case("x:flip(-1)", lambda x: x.flip(-1), floats(7, 1, 2))
case("x:expand(3, 5)", lambda x: x.expand(3, 5), floats(3, 1))
case("x:expand(2, 3, 5)", lambda x: x.expand(2, 3, 5), floats(5))
case("x:expand(2, 3)", lambda x: x.expand(2, 3), floats())

# Picking.
case("x:at(2)", lambda x: x[1], floats(3, 5))
case("x:at(-1, 2)", lambda x: x[:, -1], floats(3, 5))
case("x:at(4)", lambda x: x[3], floats(7))
case("x:slice(1, 2, 3)", lambda x: x[1:3], floats(5, 2))
case("x:slice(2, -2)", lambda x: x[:, -2:], floats(3, 5))
case("x:select(1, {3, 1, 3})", lambda x: x[[2, 0, 2]], floats(3, 5))
case("x:select(-1, {2, 2, 2, 1})", lambda x: x[..., [1, 1, 1, 0]], floats(7, 1, 2))
case("x:select(1, y)", lambda x, y: x[y - 1], floats(5), positions(7, size=5))
case("x:gather(1, y)", lambda x, y: x.gather(0, y - 1), floats(3, 5), positions(4, 5, size=3))
case("x:gather(2, y)", lambda x, y: x.gather(1, y - 1), floats(3, 5), positions(3, 2, size=5))
case("x:gather(-1, y)", lambda x, y: x.gather(-1, y - 1), floats(2, 3, 5), positions(1, 2, 3, size=5))
case("mb.cat({x, y}, 1)", lambda x, y: torch.cat([x, y]), floats(3, 5), floats(2, 5))
case("mb.cat({x, y, z}, -1)", lambda x, y, z: torch.cat([x, y, z], -1), floats(2, 1), floats(2, 3), floats(2, 2))
case("mb.cat({x, x}, 2)", lambda x: torch.cat([x, x], 1), floats(3, 2))
case("mb.stack({x, y})", lambda x, y: torch.stack([x, y]), floats(3, 5), floats(3, 5))
case("mb.stack({x, y}, -1)", lambda x, y: torch.stack([x, y], -1), floats(7, 1), floats(7, 1))
case("mb.stack({x, y}, 1)", lambda x, y: torch.stack([x, y]), floats(), floats())
case("x:cast('float32')", lambda x: x, floats(3, 5))

# Operations without a gradient.
for name, function in [("eq", torch.eq), ("ne", torch.ne), ("gt", torch.gt), ("ge", torch.ge), ("lt", torch.lt), ("le", torch.le)]:
    for left, right in PAIRS:
        constant(f"x:{name}(y)", function, ints(*left, low=0, high=3), ints(*right, low=0, high=3))
    constant(f"x:{name}(0.3)", lambda x: function(x, 0.3), floats(3, 5))
    constant(f"x:{name}(y)", function, floats(3, 5), ints(5, low=-1, high=1))
constant("x:logical_and(y)", torch.logical_and, bools(3, 5), bools(5))
constant("x:logical_or(y)", torch.logical_or, bools(7, 1, 2), bools(1, 3, 2))
constant("x:logical_not()", torch.logical_not, bools(7))
for name, function in [("argmax", torch.argmax), ("argmin", torch.argmin)]:
    constant(f"x:{name}()", lambda x: function(x, dim=-1) + 1, floats(3, 5))
    constant(f"x:{name}(1)", lambda x: function(x, dim=0) + 1, floats(7, 1, 2))
    constant(f"x:{name}(1)", lambda x: function(x, dim=0) + 1, ints(5, 3, low=-50, high=50))
constant("select(2, x:topk(2))", lambda x: x.topk(2).indices + 1, floats(3, 5))
constant("select(2, x:topk(3, 1))", lambda x: x.topk(3, dim=0).indices + 1, floats(5, 1, 2))
constant("x:one_hot(7)", lambda x: F.one_hot(x - 1, 7).double(), positions(5, size=7))
constant("x:one_hot(3)", lambda x: F.one_hot(x - 1, 3).double(), positions(2, 5, size=3))
for symbol, function in [("+", torch.add), ("-", torch.sub), ("*", torch.mul)]:
    constant(f"x {symbol} y", function, ints(3, 5), ints(3, 1))
    constant(f"7 {symbol} x", lambda x: function(torch.tensor(7), x), ints(5))
constant("x / y", torch.div, ints(3, 5), ints(5, low=1))
constant("x // y", lambda x, y: torch.div(x, y, rounding_mode="floor"), ints(3, 5), ints(5, low=1))
constant("x % y", torch.remainder, ints(3, 5), ints(5, low=1))
constant("x // -4", lambda x: torch.div(x, -4, rounding_mode="floor"), ints(3, 5))
constant("x % -4", lambda x: torch.remainder(x, -4), ints(3, 5))
constant("-x", torch.neg, ints(5))
constant("x:abs()", torch.abs, ints(5))
constant("x:clamp(-2, 3)", lambda x: x.clamp(-2, 3), ints(3, 5))
constant("x:sum(1)", lambda x: x.sum(0), ints(3, 5))
constant("x:sum()", torch.sum, bools(3, 5))
constant("x:sum(2)", lambda x: x.sum(1), bools(3, 5))
constant("x:mean(1)", lambda x: x.double().mean(0), ints(3, 5))
constant("x:mean()", lambda x: x.double().mean(), bools(3, 5))
constant("x:max(1)", lambda x: x.amax(0), ints(3, 5))
constant("x:min()", torch.min, ints(3, 5))
constant("x:cast('int32')", lambda x: x.int(), floats(3, 5))
constant("x:cast('bool')", lambda x: x.bool(), ints(3, 5, low=-1, high=1))
constant("x:cast('float32')", lambda x: x.double(), ints(7))
constant("x:cast('int32')", lambda x: x.int(), bools(7))
constant("x:reshape(5, 3):transpose()", lambda x: x.reshape(5, 3).T, ints(3, 5))
constant("x:permute(2, 1)", lambda x: x.T, bools(3, 5))
constant("x:flip(1)", lambda x: x.flip(0), ints(3, 5))
constant("x:expand(2, 3)", lambda x: x.expand(2, 3), bools(3))
constant("x:select(1, {3, 1})", lambda x: x[[2, 0]], ints(3, 5))
constant("x:select(2, {5, 5})", lambda x: x[:, [4, 4]], bools(3, 5))
constant("x:gather(2, y)", lambda x, y: x.gather(1, y - 1), ints(3, 5), positions(3, 2, size=5))
constant("mb.cat({x, y})", lambda x, y: torch.cat([x, y]), ints(3, 2), ints(1, 2))
constant("mb.cat({x, y})", lambda x, y: torch.cat([x.double(), y]), ints(3, 2), floats(1, 2))
constant("mb.stack({x, y})", lambda x, y: torch.stack([x, y]), bools(3), bools(3))
constant("mb.where(x, y, z)", torch.where, bools(3, 5), ints(5), ints(3, 1))
constant("x:masked_fill(y, 7)", lambda x, y: x.masked_fill(y, 7), ints(3, 5), bools(5))

# Edges: where values meet, vanish or are infinite, values and gradients are PyTorch's all the same.
LEVEL = [[2.0, 2.0, 2.0], [1.0, 2.0, 4.0], [0.0, 0.0, 0.0]]
for name in ["std", "var", "norm"]:
    function = dict(STEADY)[name]
    edge("of rows without spread", f"x:{name}(2)", lambda x: function(x, dim=1), LEVEL)
    edge("of zeros", f"x:{name}()", function, [[0.0, 0.0], [0.0, 0.0]])
    edge("of equal numbers", f"x:{name}()", function, [3.0, 3.0, 3.0])
    edge("far from 0", f"x:{name}(1)", lambda x: function(x, dim=0), [[1e6, -1e6], [1000001.0, -1000002.0], [1000002.5, -1e6]])
edge(
    "of a collapsed run",
    "(x - x:mean(1, true)) / (x:std(1, true) + 0.5)",
    lambda x: (x - x.mean(0, keepdim=True)) / (x.std(0, keepdim=True) + 0.5),
    [[2.0, 1.0], [2.0, 5.0], [2.0, 3.0]],
)
BASES = [0.0, 0.0, 0.0, 0.0, 0.0, 2.0, -2.0, -2.0, 1.0, -1.0, 0.25, INF, 0.5, 3.0]
EXPONENTS = [0.0, 1.0, 2.0, 0.5, -1.0, 0.0, 3.0, 0.0, 5.0, 2.0, -0.5, 0.5, INF, -INF]
edge("at 0, and to the power of 0", "x ^ y", torch.pow, BASES, EXPONENTS)
edge("at 0, broadcast", "x ^ y", torch.pow, [[0.0], [2.0]], [0.0, 1.0, 3.0])
for exponent in [0, 1, 2, 3, 0.5, -1, -2, 1.5]:
    edge("at 0", f"x ^ {exponent}", lambda x: x**exponent, [0.0, 1.0, 4.0])
for base in [0, 1, 2]:
    edge("at 0 and 1", f"{base} ^ x", lambda x: torch.pow(float(base), x), [0.0, 1.0, 2.0, -1.0])
for text, exponent in [
    ("math.huge", INF),
    ("-math.huge", -INF),
    ("0x1p63", 2.0**63),
    ("1e300", 1e300),
    ("-1e30", -1e30),
    ("2147483647", 2147483647),
    ("2147483648", 2147483648),
    ("16777217", 16777217),
]:
    edge("at 1 and around", f"x ^ {text}", lambda x: x**exponent, [0.0, 0.5, 1.0, 2.0, -1.0, INF], gradient=False)
    if abs(exponent) < 1e38 or abs(exponent) == INF:  # another exponent is infinite in float32
        edge("at 1", f"x ^ {text}", lambda x: x**exponent, [1.0])
for exponent in [0.5, -0.5]:
    edge("where it is a root", f"x ^ {exponent}", lambda x: x**exponent, [-INF, -0.0, -1.0, INF, NAN], gradient=False)
ON = [-0.5, 1.0, 0.0, 2.0, -1.0, NAN, INF, -INF]
edge("on its bounds", "x:clamp(-0.5, 1)", lambda x: x.clamp(-0.5, 1), ON)
edge("of one point", "x:clamp(1, 1)", lambda x: x.clamp(1, 1), ON)
for name, function, extreme in [("maximum", torch.maximum, torch.max), ("minimum", torch.minimum, torch.min)]:
    edge("of ties", f"x:{name}(y)", function, [1.0, 2.0, 3.0, -0.0, INF, NAN, 1.0], [1.0, 3.0, 2.0, 0.0, INF, 1.0, NAN])
    edge("of ties, broadcast", f"x:{name}(y)", function, [[1.0, 2.0], [3.0, 1.0]], [[1.0], [3.0]])
    edge("of ties with a number", f"x:{name}(1)", lambda x: function(x, torch.tensor(1.0, dtype=torch.float64)), [0.0, 1.0, 2.0])
    short = name[:3]
    edge("of ties", f"x:{short}()", extreme, [[3.0, 1.0, 3.0], [1.0, 3.0, 1.0]])
    edge("of ties", f"x:{short}(2)", lambda x: extreme(x, dim=1).values, [[3.0, 1.0, 3.0], [2.0, 2.0, 2.0]])
    edge("of ties", f"x:{short}(1, true)", lambda x: extreme(x, dim=0, keepdim=True).values, [[3.0, 1.0], [3.0, 1.0]])
    edge("with NaN", f"x:{short}()", extreme, [[3.0, NAN], [NAN, 4.0]])
    edge("with infinities", f"x:{short}()", extreme, [INF, -INF, INF, 0.0])
for name, function, values in [
    ("abs", torch.abs, [0.0, -0.0, 1.0, -INF]),
    ("relu", torch.relu, [0.0, -0.0, 1.0, INF, -INF]),
    ("sqrt", torch.sqrt, [0.0, 1.0, INF]),
    ("log", torch.log, [0.0, 1.0, INF]),
    ("log1p", torch.log1p, [-1.0, 0.0, 1e-7, INF]),
    ("exp", torch.exp, [-INF, -200.0, 0.0]),
    ("tanh", torch.tanh, [-INF, -50.0, 0.0, 50.0, INF]),
    ("sigmoid", torch.sigmoid, [-INF, -200.0, 0.0, 200.0, INF]),
    ("erf", torch.erf, [-INF, -50.0, 0.0, 50.0, INF]),
    ("gelu", F.gelu, [-50.0, -10.0, 0.0, 10.0, 50.0]),
    ("sign", torch.sign, [0.0, -0.0, INF, -INF]),
    ("round", torch.round, [0.5, 1.5, -0.5, 2.5, INF]),
]:
    edge("at its edges", f"x:{name}()", function, values)
edge("of rows of zeros", "x:normalize()", lambda x: F.normalize(x, dim=-1), [[0.0, 0.0], [3.0, 4.0], [1e-13, 0.0]])
edge(
    "of a row of zeros",
    "(x:normalize() * y:normalize()):sum(-1)",
    lambda x, y: (F.normalize(x, dim=-1) * F.normalize(y, dim=-1)).sum(-1),
    [[0.0, 0.0], [1.0, 2.0]],
    [[0.0, 1.0], [2.0, 1.0]],
)
edge("by 0 and by tiny numbers", "x / y", torch.div, [1.0, 0.0, -1.0, 1e-20, 1e20, 2.0], [0.0, 0.0, 0.0, 1e-25, 1e25, INF])
edge("by a tensor of one 0", "x / y", torch.div, [1.0, -1.0], [0.0])
edge("of multiples", "x % y", torch.remainder, [4.0, -4.0, 0.0, 5.0], [2.0, 2.0, 3.0, -2.0])
HIDDEN = [[-INF, 1.0, 2.0], [-INF, -INF, 0.5], [100.0, -100.0, 0.0], [1e30, 0.0, -1e30]]
edge("with infinities", "x:softmax()", lambda x: x.softmax(-1), HIDDEN)
edge("with infinities, weighed by finite numbers", "x:log_softmax():clamp(-9, 9)", lambda x: x.log_softmax(-1).clamp(-9, 9), HIDDEN)
edge("of nothing but infinities", "x:softmax()", lambda x: x.softmax(-1), [[-INF, -INF], [INF, 1.0], [NAN, 0.0]])
edge("of nothing but infinities", "x:log_softmax(1)", lambda x: x.log_softmax(0), [[-INF, INF, NAN], [-INF, 1.0, 0.0]])
edge(
    "of masked logits",
    "x:masked_fill(y, -math.huge):softmax()",
    lambda x, y: x.masked_fill(y, -INF).softmax(-1),
    [[1.0, 2.0, 3.0]],
    torch.tensor([[True, False, False]]),
)
edge("of infinities", "x:sum()", torch.sum, [INF, 1.0, -5.0])
edge("of both infinities", "x:mean(1)", lambda x: x.mean(0), [[INF, 1.0], [-INF, 2.0]])
edge("of large numbers", "x:norm(2)", lambda x: torch.linalg.vector_norm(x, dim=1), [[3e25, 4e25], [3e-30, 4e-30]])

write(__file__)
