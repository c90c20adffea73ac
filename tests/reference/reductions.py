"""Writes tests/scripts/fixtures/reductions.lua: what PyTorch computes, in float64, for reductions over several dims,
running sums, sorting and searching. Run `python3 tests/reference/reductions.py` after adding a case; what a case is
stands in cases.py.
"""

import torch

from cases import INF, NAN, bools, case, constant, edge, floats, ints, positions, write

# Over several dims: those that follow one another and those that do not, named in any order and from the end.
NORM = lambda x, dim=None, keepdim=False: torch.linalg.vector_norm(x, dim=dim, keepdim=keepdim)
MANY = [
    ("sum", torch.sum),
    ("mean", torch.mean),
    ("amax", torch.amax),
    ("amin", torch.amin),
    ("max", torch.amax),
    ("min", torch.amin),
    ("var", torch.var),
    ("std", torch.std),
    ("norm", NORM),
    ("logsumexp", torch.logsumexp),
    ("nansum", torch.nansum),
    ("nanmean", torch.nanmean),
]
PLACES = [
    ((3, 5), "{1, 2}", (0, 1)),
    ((3, 5), "{-1}", (1,)),
    ((2, 3, 5), "{1, 3}", (0, 2)),
    ((2, 3, 5), "{-1, 2}", (1, 2)),
    ((2, 3, 1, 4), "{4, 1, 2}", (0, 1, 3)),
    ((3, 2, 2, 3), "{1, 4}, true", (0, 3)),
    ((7, 2, 3), "{2, 3}, true", (1, 2)),
]
for name, function in MANY:
    for shape, text, dims in PLACES:
        case(f"x:{name}({text})", lambda x: function(x, dim=dims, keepdim="true" in text), floats(*shape))
for name in ["var", "std"]:
    function = getattr(torch, name)
    for correction in [0, 1, 2, 1.5]:
        case(f"x:{name}(nil, false, {correction})", lambda x: function(x, correction=correction), floats(3, 5))
        case(f"x:{name}(1, false, {correction})", lambda x: function(x, dim=0, correction=correction), floats(7, 2))
        case(
            f"x:{name}({{1, 3}}, true, {correction})",
            lambda x: function(x, dim=(0, 2), correction=correction, keepdim=True),
            floats(2, 3, 4),
        )
    edge("of one", f"x:{name}(1, false, 0)", lambda x: function(x, dim=0, correction=0), [[2.0, -3.0]])
for name in ["amax", "amin", "logsumexp", "nansum", "nanmean"]:
    function = getattr(torch, name)
    every = (lambda x: torch.logsumexp(x, tuple(range(x.dim())))) if name == "logsumexp" else function
    case(f"x:{name}()", every, floats(3, 5))
    case(f"x:{name}(1)", lambda x: function(x, dim=0), floats(7, 1, 2))
    case(f"x:{name}(-1, true)", lambda x: function(x, dim=-1, keepdim=True), floats(2, 3, 5))
for name in ["sum", "amax", "min", "nansum"]:
    function = dict(MANY)[name]
    constant(f"x:{name}({{1, 3}})", lambda x: function(x, dim=(0, 2)), ints(2, 3, 4))
constant("x:sum({2, 3})", lambda x: x.sum((1, 2)), bools(2, 3, 4))
constant("x:mean({1, 3})", lambda x: x.double().mean((0, 2)), ints(2, 3, 4))
constant("x:nanmean({1, 2})", lambda x: x.double().mean((0, 1)), ints(2, 3, 4))
constant("x:logsumexp(2)", lambda x: x.double().logsumexp(1), ints(2, 3))
for number, name in [(1, "amin"), (2, "amax")]:
    function = getattr(torch, name)
    case(f"select({number}, x:aminmax(1))" if number > 1 else "(x:aminmax(1))", lambda x: function(x, dim=0), floats(5, 3))
    edge("of ties", f"x:{name}(1)", lambda x: function(x, dim=0), [[1.0, 2.0], [1.0, 3.0], [0.0, 2.0]])
    edge("of ties", f"x:{name}({{1, 3}})", lambda x: function(x, dim=(0, 2)), [[[1.0, 2.0], [3.0, 3.0]], [[2.0, 1.0], [3.0, 0.0]]])
    edge("with NaN", f"x:{name}({{1, 2}})", lambda x: function(x, dim=(0, 1)), [[1.0, NAN], [2.0, 0.0]])
    edge("with NaN", f"x:{name}(2)", lambda x: function(x, dim=1), [[1.0, NAN], [2.0, 0.0]])
    edge("of ties", f"x:{name[1:]}({{1, 3}})", lambda x: function(x, dim=(0, 2)), [[[1.0, 2.0], [3.0, 3.0]], [[2.0, 1.0], [3.0, 0.0]]])
HOLES = [[NAN, 1.0, 2.0], [NAN, NAN, NAN], [0.0, NAN, -1.0]]
for name in ["nansum", "nanmean"]:
    function = getattr(torch, name)
    edge("with NaN", f"x:{name}()", function, HOLES)
    # Of nothing but NaN PyTorch's nanmean has a gradient of NaN; here none flows.
    edge("with NaN", f"x:{name}(2)", lambda x: function(x, dim=1), HOLES if name == "nansum" else HOLES[::2])
HIDDEN = [[-INF, 1.0, 2.0], [-INF, -INF, 0.5], [100.0, -100.0, 0.0], [1e30, 0.0, -1e30]]
edge("with infinities", "x:logsumexp(2)", lambda x: x.logsumexp(1), HIDDEN)
edge("of nothing but infinities", "x:logsumexp(2)", lambda x: x.logsumexp(1), [[-INF, -INF], [INF, 1.0], [NAN, 0.0]])
edge("far from 0", "x:logsumexp()", lambda x: x.logsumexp(0), [1000.0, 1000.5, -1000.0])

# Products.
for shape in [(), (5,), (3, 5)]:
    case("x:prod()", torch.prod, floats(*shape))
case("x:prod(1)", lambda x: x.prod(0), floats(3, 5))
case("x:prod(-1, true)", lambda x: x.prod(-1, keepdim=True), floats(2, 3, 4))
case("x:prod({1, 3})", lambda x: x.prod(2).prod(0), floats(2, 3, 4))
case("x:prod({2, 3}, true)", lambda x: x.prod(2, keepdim=True).prod(1, keepdim=True), floats(2, 3, 2))
constant("x:prod(1)", lambda x: x.prod(0), ints(3, 5, low=-4, high=4))
constant("x:prod()", torch.prod, bools(5))
ZEROS = [[1.0, 0.0, 2.0], [0.0, 3.0, 0.0], [-1.0, 2.0, 4.0], [0.0, -0.0, 0.0]]
edge("with zeros", "x:prod(2)", lambda x: x.prod(1), ZEROS)
edge("with zeros", "x:prod(1)", lambda x: x.prod(0), ZEROS)
edge("with a zero", "x:prod()", torch.prod, [2.0, 0.0, -3.0])
edge("with zeros", "x:prod()", torch.prod, [2.0, 0.0, 0.0])

# What runs along a dim.
for name in ["cumsum", "cumprod", "logcumsumexp", "cummax", "cummin"]:
    function = getattr(torch, name)
    is_extreme = name in ("cummax", "cummin")
    values = (lambda x, dim: function(x, dim).values) if is_extreme else function
    text = (lambda call: f"({call})") if is_extreme else (lambda call: call)
    for shape, dim in [((7,), 1), ((3, 5), 1), ((3, 5), -1), ((2, 4, 3), 2), ((1, 2, 2, 3), 3), ((3, 1), -1)]:
        case(text(f"x:{name}({dim})"), lambda x: values(x, dim - 1 if dim > 0 else dim), floats(*shape))
    case(text(f"x:{name}()"), lambda x: values(x, -1), floats(2, 6))
    if name != "logcumsumexp":
        constant(text(f"x:{name}(1)"), lambda x: values(x, 0), ints(4, 3))
    if is_extreme:
        constant(f"select(2, x:{name}(2))", lambda x: function(x, 1).indices + 1, floats(3, 6))
        constant(f"select(2, x:{name}(1))", lambda x: function(x, 0).indices + 1, ints(6, 3, low=0, high=2))
        TIES = [1.0, 2.0, 2.0, 1.0, NAN, 3.0, NAN, 0.0]
        edge("of ties, with NaN", f"(x:{name}(1))", lambda x: values(x, 0), TIES)
        edge("of ties, with NaN", f"select(2, x:{name}(1))", lambda x: function(x, 0).indices + 1, TIES, gradient=False)
constant("x:cumsum(2)", lambda x: x.cumsum(1), bools(3, 5))
constant("x:cumprod(2)", lambda x: x.cumprod(1), bools(3, 5))
for dim in [1, 2]:
    edge("with zeros", f"x:cumprod({dim})", lambda x: x.cumprod(dim - 1), ZEROS)
edge("with infinities", "x:cumsum(1)", lambda x: x.cumsum(0), [1.0, INF, 2.0, -INF, 3.0])
edge("with infinities", "x:logcumsumexp(2)", lambda x: x.logcumsumexp(1), [[0.0, -INF, 2.0], [1.0, -INF, -INF]])
edge("far from 0", "x:logcumsumexp(1)", lambda x: x.logcumsumexp(0), [-1000.0, 1000.0, 1000.5, -3.0, 2000.0])
for n, dim in [(1, 2), (2, 1), (3, -1)]:
    case(f"x:diff({n}, {dim})", lambda x: x.diff(n, dim - 1 if dim > 0 else dim), floats(4, 5))
case("x:diff()", torch.diff, floats(2, 3, 4))
constant("x:diff()", torch.diff, ints(3, 5))
constant("x:diff(1, 1)", lambda x: x.diff(dim=0), bools(4, 3))

# Order.
for shape, dim in [((7,), 1), ((3, 5), 1), ((2, 4, 3), -2), ((1, 2, 2, 3), 4)]:
    own = dim - 1 if dim > 0 else dim
    case(f"(x:sort({dim}))", lambda x: x.sort(own).values, floats(*shape))
    case(f"(x:sort({dim}, {{descending = true}}))", lambda x: x.sort(own, descending=True).values, floats(*shape))
    constant(f"x:argsort({dim})", lambda x: x.argsort(own) + 1, floats(*shape))
    for k in [1, 2]:
        case(f"(x:kthvalue({k}, {dim}))", lambda x: x.kthvalue(k, own).values, floats(*shape))
        case(f"(x:topk({k}, {dim}, {{largest = false}}))", lambda x: x.topk(k, own, largest=False).values, floats(*shape))
    constant(f"select(2, x:kthvalue(2, {dim}, true))", lambda x: x.kthvalue(2, own, True).indices + 1, floats(*shape))
    case(f"(x:median({dim}))", lambda x: x.median(own).values, floats(*shape))
    case(f"(x:median({dim}, true))", lambda x: x.median(own, True).values, floats(*shape))
    constant(f"select(2, x:median({dim}))", lambda x: x.median(own).indices + 1, floats(*shape))
    for name in ["max", "min"]:
        function = getattr(torch, name)
        case(f"(x:{name}_with_positions({dim}))", lambda x: function(x, own).values, floats(*shape))
        constant(f"select(2, x:{name}_with_positions({dim}, true))", lambda x: function(x, own, True).indices + 1, floats(*shape))
case("(x:sort())", lambda x: x.sort().values, floats(3, 5))
for expression, function in [
    ("(x:sort(1))", lambda x: x.sort(dim=0, stable=True).values),
    ("select(2, x:sort(1))", lambda x: x.sort(dim=0, stable=True).indices + 1),
    ("select(2, x:sort(1, {descending = true}))", lambda x: x.sort(dim=0, descending=True, stable=True).indices + 1),
    ("x:argsort(2, {descending = true})", lambda x: x.argsort(dim=1, descending=True, stable=True) + 1),
    ("(x:topk(2, 1))", lambda x: x.topk(2, 0).values),
    ("(x:topk(3, 1, {largest = false}))", lambda x: x.topk(3, 0, largest=False).values),
    ("(x:kthvalue(3, 1))", lambda x: x.kthvalue(3, 0).values),
    ("(x:median(1))", lambda x: x.median(0).values),
    ("(x:median())", torch.median),
    ("(x:max_with_positions(1))", lambda x: x.max(0).values),
    ("select(2, x:min_with_positions(2))", lambda x: x.min(1).indices + 1),
]:
    constant(expression, function, ints(6, 4, low=-2, high=2))
constant("select(2, x:sort(1))", lambda x: x.int().sort(dim=0, stable=True).indices + 1, bools(5, 2))
MIXED = [2.0, NAN, 1.0, 2.0, INF, -INF, NAN, -0.0, 0.0]
edge("of ties, with NaN", "(x:sort())", lambda x: x.sort(stable=True).values, MIXED)
edge("of ties, with NaN", "(x:sort(1, {descending = true}))", lambda x: x.sort(descending=True, stable=True).values, MIXED)
edge("of ties, with NaN", "select(2, x:sort())", lambda x: x.sort(stable=True).indices + 1, MIXED, gradient=False)
edge(
    "of ties, with NaN",
    "x:argsort(1, {descending = true})",
    lambda x: x.argsort(descending=True, stable=True) + 1,
    MIXED,
    gradient=False,
)
edge("with NaN", "(x:kthvalue(8))", lambda x: x.kthvalue(8).values, MIXED, gradient=False)
edge("with NaN", "(x:median(2))", lambda x: x.median(1).values, HOLES)
edge("with NaN", "(x:median())", torch.median, HOLES)
edge("of ties", "x:median()", torch.median, [2.0, 2.0, 1.0, 3.0, 2.0])
for shape in [(), (4,), (3, 5), (2, 2, 3)]:
    case("x:median()", torch.median, floats(*shape))

# Quantiles.
for text, q in [("0.5", 0.5), ("0", 0.0), ("1", 1.0), ("0.3", 0.3), ("{0.1, 0.75, 0.9}", [0.1, 0.75, 0.9])]:
    own = torch.tensor(q, dtype=torch.float64)
    case(f"x:quantile({text})", lambda x: x.quantile(own), floats(3, 5))
    case(f"x:quantile({text}, 1)", lambda x: x.quantile(own, 0), floats(6, 2))
    case(f"x:quantile({text}, -1, true)", lambda x: x.quantile(own, -1, True), floats(2, 3, 4))
    case(f"x:quantile({text}, 2)", lambda x: x.quantile(own, 1), floats(2, 5, 1, 2))
    for kind in ["lower", "higher", "nearest", "midpoint"]:
        case(
            f"x:quantile({text}, 2, false, {{interpolation = '{kind}'}})",
            lambda x: x.quantile(own, 1, interpolation=kind),
            floats(3, 6),
        )
case("x:quantile(mb.tensor {0.25, 0.5})", lambda x: x.quantile(torch.tensor([0.25, 0.5], dtype=torch.float64)), floats(7))
case("x:quantile(mb.tensor(0.25), 1)", lambda x: x.quantile(0.25, 0), floats(7))
case("x:quantile(0.5, nil, true)", lambda x: x.quantile(0.5, keepdim=True).reshape(1, 1), floats(3, 5))
constant("x:quantile(0.4, 2)", lambda x: x.double().quantile(0.4, 1), ints(3, 5))
edge("with NaN", "x:quantile(0.3, 2)", lambda x: x.quantile(0.3, 1), [*HOLES, [1.0, 2.0, 4.0]], gradient=False)
edge("of ties", "x:quantile({0.4, 0.9}, 1)", lambda x: x.quantile(torch.tensor([0.4, 0.9], dtype=torch.float64), 0), [1.0, 2.0, 1.0, 2.0])

# Truth and counts.
for name in ["any", "all", "count_nonzero"]:
    function = getattr(torch, name)
    for make in [bools, lambda *shape: ints(*shape, low=0, high=1), lambda *shape: floats(*shape).round()]:
        constant(f"x:{name}()", lambda x: function(x), make(2, 2))
        constant(f"x:{name}(1)", lambda x: function(x, dim=0), make(3, 4))
        constant(f"x:{name}({{1, -1}})", lambda x: function(x, dim=(0, -1)), make(2, 4, 2))
    edge("with NaN", f"x:{name}(2)", lambda x: function(x, dim=1), [[NAN, 0.0], [0.0, -0.0], [1.0, NAN]], gradient=False)
constant("x:any(-1, true)", lambda x: x.any(-1, True), bools(3, 2))
constant("x:all({2, 3}, true)", lambda x: x.all((1, 2), True), bools(4, 1, 2))
constant("x:nonzero()", lambda x: x.nonzero() + 1, ints(3, 4, low=0, high=1))
constant("x:nonzero()", lambda x: x.nonzero() + 1, bools(2, 3, 3))
edge("with NaN", "x:nonzero()", lambda x: x.nonzero() + 1, [0.0, NAN, -0.0, 2.0], gradient=False)
for make in [lambda *shape: ints(*shape, low=0, high=4), bools, lambda *shape: floats(*shape).round()]:
    constant("x:unique()", torch.unique, make(3, 4))
    constant("select(2, x:unique({inverse = true}))", lambda x: x.unique(return_inverse=True)[1] + 1, make(3, 4))
    constant("select(3, x:unique({inverse = true, counts = true}))", lambda x: x.unique(return_counts=True)[1], make(5))
edge("with NaN", "x:unique()", torch.unique, [NAN, 1.0, -0.0, INF, NAN, 0.0, 1.0], gradient=False)
edge("with NaN", "select(2, x:unique({counts = true}))", lambda x: x.unique(return_counts=True)[1], [NAN, 1.0, NAN, 1.0], gradient=False)
constant("x:bincount(6)", lambda x: (x - 1).bincount(minlength=6), positions(9, size=5))
constant("x:bincount(6)", lambda x: (x - 1).flatten().bincount(minlength=6), positions(3, 4, size=6))
constant("x:bincount(5, y)", lambda x, y: (x - 1).bincount(y, 5), positions(9, size=5), floats(9))
constant("x:histc(4)", lambda x: x.histc(4), floats(20))
constant("x:histc(5, -1, 1.5)", lambda x: x.histc(5, -1, 1.5), floats(3, 7))
edge("with NaN", "x:histc(3, 1, 4)", lambda x: x.histc(3, 1, 4), [1.0, 2.0, 4.0, NAN, 5.0, 3.0], gradient=False)
edge("of one value", "x:histc(3)", lambda x: x.histc(3), [2.0, 2.0], gradient=False)
for text, right in [("", False), (", {right = true}", True)]:
    search = lambda x, y: torch.searchsorted(x, y, right=right) + 1
    constant(f"mb.searchsorted(x, y{text})", search, floats(7).sort().values, floats(2, 3))
    constant(f"mb.searchsorted(x, y{text})", search, ints(6, low=0, high=4).sort().values, ints(2, 5, low=-1, high=5))
    constant(f"mb.searchsorted(x, y{text})", search, floats(2, 3, 5).sort().values, floats(2, 3, 4))
    edge("with NaN", f"mb.searchsorted(x, y{text})", search, [1.0, 2.0, 2.0, INF], [2.0, NAN, -INF, INF, 3.0], gradient=False)
constant("mb.searchsorted(x, 0.5)", lambda x: torch.searchsorted(x, 0.5) + 1, floats(7).sort().values)

write(__file__)
