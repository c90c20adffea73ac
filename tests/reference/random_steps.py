"""One more random step of a program: the operation, operands that fit it and lie away from its edges, parameters."""

import math

import torch

from composer import ELEMENTS, Unfit, broadcasts
from elementwise_operations import FUNCTIONS, PAIRS, PIECES, WITH_NUMBER

# How far from an edge a value must be, so that float32 and float64 are on the same side of it.
MARGIN = 2e-3
NUMBERS = ("float", "int")


def want(condition):
    if not bool(condition):
        raise Unfit("near an edge, or outside of what it takes")


def away(tensor, *edges):
    for edge in edges:
        want((tensor - edge).abs().min() > MARGIN)


def apart(tensor):
    """All values differ."""
    ordered = tensor.flatten().sort().values
    want(len(ordered) < 2 or ordered.diff().min() > MARGIN)


def first_apart(tensor, dim, count=1):
    """The largest and the smallest so many along a dim, or several as one, differ from the others."""
    over = list(range(tensor.dim())) if dim is None else dim if isinstance(dim, list) else [dim]
    lines = tensor.movedim(over, list(range(len(over)))) if over else tensor[None]
    ordered = lines.flatten(0, max(len(over) - 1, 0)).to(torch.float64).sort(0).values
    if len(ordered) > 1:
        gaps = ordered.diff(dim=0)
        want(gaps[:count].min() > MARGIN and gaps[-count:].min() > MARGIN)


def smooth(c):
    x = c.pick(NUMBERS)
    c.compute(c.among("sin cos tanh erf sigmoid gelu".split()), x)


def bounded(c):
    """Functions that want values of some range."""
    x = c.pick(NUMBERS)
    low, high = float(x.tensor.min()), float(x.tensor.max())
    size = float(x.tensor.abs().min())
    fits = {"exp": high < 3, "log": low > 0.2, "sqrt": low > 0.2, "log1p": low > -0.5}
    powers = [2, 3, *([-1, -2] if size > 0.4 else []), *([0.5, 1.5, -0.5, 2.5] if low > 0.3 else [])]
    op = c.among([*(name for name, fit in fits.items() if fit), "pow_scalar"])
    c.compute(op, x, **({"value": c.among(powers)} if op == "pow_scalar" else {}))


def kinked(c):
    x = c.pick(NUMBERS)
    op = c.among("abs relu sign floor ceil round".split())
    values = x.tensor.to(torch.float64)
    if op in ("abs", "relu", "sign"):
        away(values, 0)
    elif x.kind == "float":
        shifted = values - (0.5 if op == "round" else 0)
        want((shifted - shifted.round()).abs().min() > MARGIN)
    c.compute(op, x)


def elementwise(c):
    x = c.pick()
    low, high = float(x.tensor.min()), float(x.tensor.max())
    fits = {name: of is None or of[0] < low and high < of[1] for name, (_, of) in FUNCTIONS.items()}
    c.compute(c.among(name for name, fit in fits.items() if fit), x)


def pieces(c):
    x = c.pick()
    if c.chance(0.3):
        shifted = x.tensor - x.tensor.round()
        want(shifted.abs().min() > MARGIN)
        return c.compute(c.among(["trunc", "frac"]), x)
    if c.chance(0.3):
        low, high = sorted(round(c.random.uniform(-2, 2), 2) for _ in range(2))
        want(low < high)
        away(x.tensor, low, high)
        return c.compute("hardtanh", x, min=low, max=high)
    if c.chance(0.3):
        beta, threshold = c.among([1, 2, 0.5]), c.among([20, 1])
        away(x.tensor * beta, threshold)
        return c.compute("softplus", x, beta=beta, threshold=threshold)
    op = c.among([*PIECES, *WITH_NUMBER])
    if op in PIECES:
        away(x.tensor, *PIECES[op][1])
        return c.compute(op, x)
    value = c.among([0.25, 0.5, 1.5])
    away(x.tensor, *(WITH_NUMBER[op][1] or (value,)))
    c.compute(op, x, value=value)


def paired(c):
    x = c.pick()
    y = c.partner(x, NUMBERS)
    if c.chance(0.2):
        last, shape = c.floats(y.shape), c.broadcasting(x.shape)
        want(broadcasts(shape, y.shape))
        return c.compute("lerp", x, last, c.floats(shape, -0.9, 0.4))
    op = c.among([*PAIRS, "fmod"])
    want(op != "xlogy" or y.tensor.min() > 0.3)
    want(op not in ("atan2", "hypot") or x.tensor.abs().min() > 0.2)
    if op == "fmod":
        want(y.tensor.abs().min() > 0.3)
        quotient = x.tensor / y.tensor
        want((quotient - quotient.round()).abs().min() > MARGIN)
    c.compute(op, x, y)


def negate(c):
    c.compute("neg", c.pick(NUMBERS))


def scalar(c):
    op = c.among("add_scalar sub_scalar mul_scalar div_scalar".split())
    value = c.among([0.5, -1.5, 2, 3, -2, 0.75])
    c.compute(op, c.pick(NUMBERS), value=value)


def arithmetic(c):
    x = c.pick(("float", "int", "bool"))
    y = c.partner(x, NUMBERS if x.kind == "bool" else ("float", "int", "bool"))
    x, y = (y, x) if c.chance(0.3) else (x, y)
    c.compute(c.among(["add", "sub", "mul"]), x, y)


def division(c):
    x = c.pick(NUMBERS)
    y = c.partner(x, NUMBERS)
    op = c.among(["div", "div", "remainder", "floor_div"])
    want(y.tensor.abs().min() > 0.3)
    if op != "div" and "float" in (x.kind, y.kind):
        quotient = x.tensor / y.tensor
        want((quotient - quotient.round()).abs().min() > MARGIN)
    c.compute(op, x, y)


def power(c):
    x = c.pick(fits=lambda value: value.tensor.min() > 0.3)
    y = c.partner(x, NUMBERS)
    want(y.tensor.abs().max() <= 3)
    c.compute("pow", x, y)


def bounds(c):
    x = c.pick(NUMBERS)
    if c.chance(0.4):
        low, high = sorted(round(c.random.uniform(-2, 2), 2) for _ in range(2))
        low, high = (low, None) if c.chance(0.2) else (low, high)
        if x.kind == "int":
            low, high = math.floor(low), None if high is None else math.ceil(high)
        else:
            away(x.tensor, low, *([] if high is None else [high]))
        return c.compute("clamp", x, min=low, max=high)
    y = c.partner(x, NUMBERS)
    if "float" in (x.kind, y.kind):
        away(x.tensor - y.tensor, 0)
    c.compute(c.among(["maximum", "minimum"]), x, y)


def comparison(c):
    x = c.pick(NUMBERS)
    op = c.among("gt ge lt le".split())
    if c.chance(0.5):
        away(x.tensor, 0.25)
        return c.compute(f"{op}_scalar", x, value=0.25)
    y = c.partner(x, NUMBERS)
    if "float" in (x.kind, y.kind):
        away(x.tensor - y.tensor, 0)
    c.compute(c.among([op, "eq", "ne"]) if {x.kind, y.kind} == {"int"} else op, x, y)


def logic(c):
    x = c.pick(("bool",))
    if c.chance(0.3):
        return c.compute("logical_not", x)
    c.compute(c.among(["logical_and", "logical_or", "logical_xor"]), x, c.partner(x, ("bool",)))


def choice(c):
    x = c.pick()
    mask = c.partner(x, ("bool",))
    if c.chance(0.5):
        return c.compute("masked_fill", x, mask, value=c.among([0, -1.5, 2]))
    other = c.partner(x, NUMBERS)
    want(broadcasts(mask.shape, other.shape))
    c.compute("where", mask, *((x, other) if c.chance(0.5) else (other, x)))


def some_dim(c, x):
    """A dim, or none for everything, and whether it stays."""
    return {"dim": None if not x.shape or c.chance(0.3) else c.dim(x), "keep": c.chance(0.4)}


def some_dims(c, x):
    """As some_dim, or several dims."""
    over, rank = some_dim(c, x), len(x.shape)
    if rank > 1 and c.chance(0.3):
        over["dim"] = c.random.sample(range(rank), c.among(range(2, rank + 1)))
    return over


def total(c):
    x = c.pick(("float", "float", "int", "bool"))
    c.compute(c.among(["sum", "mean", "sum", "mean", "nansum", "nanmean"]), x, **some_dims(c, x))


def multiplied(c):
    x = c.pick(fits=lambda value: value.tensor.numel() > 0)
    c.compute(c.among(["prod", "logsumexp"]), x, **some_dims(c, x))


def running(c):
    x = c.pick(fits=lambda value: value.shape)
    dim = c.dim(x)
    op = c.among("cumsum cumprod logcumsumexp cummax cummin diff".split())
    if op in ("cummax", "cummin"):
        first_apart(x.tensor, dim, x.shape[dim])
    if op == "diff":
        want(x.shape[dim] > 1)
        return c.compute(op, x, dim=dim, n=c.among(range(1, min(x.shape[dim], 3))))
    c.compute(op, x, dim=dim)


def ordered(c):
    x = c.pick(fits=lambda value: value.shape)
    dim = c.dim(x)
    op = c.among("sort kthvalue median quantile max_with_positions min_with_positions".split())
    over = some_dim(c, x) if op in ("median", "quantile") else {"dim": dim}
    first_apart(x.tensor, over["dim"], x.tensor.numel() if over["dim"] is None else x.shape[over["dim"]])
    if op == "sort":
        over["descending"] = c.chance(0.5)
    if op == "kthvalue":
        over |= {"k": c.among(range(1, x.shape[dim] + 1)), "keep": c.chance(0.5)}
    if op == "quantile":
        over["shares"] = c.among([[0.5], [0.3, 0.8]])
    c.compute(op, x, **over)


def extreme(c):
    x = c.pick(NUMBERS)
    over = some_dims(c, x)
    first_apart(x.tensor, over["dim"])
    c.compute(c.among(["max", "min", "amax", "amin"]), x, **over)


def spread(c):
    x = c.pick()
    over = some_dims(c, x)
    op = c.among(["var", "std", "norm"])
    if op == "norm":
        want(torch.linalg.vector_norm(x.tensor, dim=over["dim"]).min() > 0.3)
        return c.compute(op, x, **over)
    dims = over["dim"] if isinstance(over["dim"], list) else [over["dim"]]
    count = x.tensor.numel() if over["dim"] is None else math.prod(x.shape[dim] for dim in dims)
    want(count > 1 and torch.std(x.tensor, dim=over["dim"]).min() > 0.2)
    c.compute(op, x, **over, biased=c.chance(0.5))


def soft(c):
    x = c.pick(fits=lambda value: value.shape)
    op, dim = c.among(["softmax", "log_softmax", "normalize"]), c.dim(x)
    want(op != "normalize" or torch.linalg.vector_norm(x.tensor, dim=dim).min() > 0.3)
    c.compute(op, x, dim=dim)


def position(c):
    x = c.pick(fits=lambda value: value.shape)
    dim = c.dim(x)
    if c.chance(0.5):
        first_apart(x.tensor, dim)
        return c.compute(c.among(["argmax", "argmin"]), x, dim=dim, keep=c.chance(0.5))
    k = c.among(range(1, x.shape[dim] + 1))
    first_apart(x.tensor, dim, x.shape[dim])
    c.compute("topk", x, k=k, dim=dim, **({"smallest": True} if c.chance(0.5) else {}))


def cast(c):
    x = c.pick(("float", "int", "bool"))
    kind = c.among(kind for kind in ("float", "int", "bool") if kind != x.kind)
    if x.kind == "float":
        want((x.tensor - x.tensor.round()).abs().min() > MARGIN)
    c.compute("cast", x, kind=kind)


def detach(c):
    c.compute("detach", c.pick())


def one_hot(c):
    x = c.pick(("int",), lambda value: value.tensor.min() >= 0 and value.tensor.max() < 5)
    c.compute("one_hot", x, classes=int(x.tensor.max()) + 1 + c.among([0, 1]))


def factors(c, count):
    """A shape of so many elements."""
    shape = []
    while count > 1 and len(shape) < 3:
        size = c.among(size for size in range(1, count + 1) if count % size == 0)
        shape.append(size)
        count //= size
    return [*shape, count] if count > 1 or c.chance(0.2) else shape


def layout(c):
    x = c.pick(("float", "float", "int", "bool"), lambda value: value.shape)
    rank, dim = len(x.shape), c.dim(x)
    op = c.among("reshape flatten squeeze unsqueeze permute transpose flip expand at slice".split())
    if op == "reshape":
        return c.compute(op, x, shape=factors(c, x.tensor.numel()))
    if op == "flatten":
        return c.compute(op, x, **{"from": dim, "to": c.among(range(dim, rank))})
    if op == "squeeze":
        ones = [number for number, size in enumerate(x.shape) if size == 1]
        return c.compute(op, x, dim=c.among([None, *ones]))
    if op == "unsqueeze":
        return c.compute(op, x, dim=c.among(range(rank + 1)))
    if op == "permute":
        return c.compute(op, x, order=c.random.sample(range(rank), rank))
    if op == "transpose":
        return c.compute(op, x, first=dim, second=c.dim(x))
    if op == "expand":
        shape = [c.among([1, 2, 3]) if size == 1 else size for size in x.shape]
        shape = [c.among([1, 2]), *shape] if rank < 4 and c.chance(0.4) else shape
        return c.compute(op, x, shape=shape)
    size = x.shape[dim]
    if op == "slice":
        start = c.among(range(size))
        return c.compute(op, x, dim=dim, **{"from": start, "to": c.among(range(start + 1, size + 1))})
    c.compute(op, x, dim=dim, **({"position": c.among(range(size))} if op == "at" else {}))


def picking(c):
    x = c.pick(("float", "float", "int"), lambda value: value.shape)
    dim = c.dim(x)
    if c.chance(0.5):
        return c.compute("select", x, c.ints([c.among([1, 2, 5])], 0, x.shape[dim] - 1), dim=dim)
    shape = [c.among(range(1, size + 1)) for size in x.shape]
    shape[dim] = c.among([1, 2, 4])
    want(math.prod(shape) <= ELEMENTS)
    c.compute("gather", x, c.ints(shape, 0, x.shape[dim] - 1), dim=dim)


def moving(c):
    """The same elements at other places, some of them several times."""
    x = c.pick(("float", "float", "int", "bool"), lambda value: value.shape)
    dim, rank = c.dim(x), len(x.shape)
    size = x.shape[dim]
    op = c.among("movedim slice_by tile repeat_interleave roll pad unfold diagonal diag_embed tril triu".split())
    if op == "movedim":
        return c.compute(op, x, **{"from": [dim], "to": [c.dim(x)]})
    if op == "slice_by":
        start = c.among(range(size))
        return c.compute(op, x, dim=dim, **{"from": start, "to": size, "by": c.among([1, 2, 3])})
    if op == "tile":
        return c.compute(op, x, counts=[c.among([1, 2]) for _ in range(c.among(range(1, 4)))])
    if op == "repeat_interleave":
        return c.compute(op, x, dim=dim, count=c.among([1, 2, 3]))
    if op == "roll":
        return c.compute(op, x, shifts=[c.among([-3, -1, 1, 2])], dims=[dim])
    if op == "pad":
        widths = [c.among([0, 1, 2]) for _ in range(2 * c.among(range(1, rank + 1)))]
        return c.compute(op, x, widths=widths, mode="constant", value=c.among([0, 1]))
    if op == "unfold":
        return c.compute(op, x, dim=dim, size=c.among(range(1, size + 1)), step=c.among([1, 2]))
    if op == "diag_embed":
        return c.compute(op, x, offset=c.among([-1, 0, 1]))
    want(rank > 1)
    dims = c.random.sample(range(rank), 2)
    c.compute(op, x, offset=0, **({"dims": dims} if op == "diagonal" else {}))


def writing(c):
    """Others' elements at positions, none of which comes again but where they add up."""
    x = c.pick(fits=lambda value: value.shape)
    dim = c.dim(x)
    size = x.shape[dim]
    op = c.among("scatter scatter_add index_add index_copy index_fill index_put masked_scatter masked_select".split())
    if op in ("masked_scatter", "masked_select"):
        mask = c.bools(x.shape)
        want(mask.tensor.any())
        return c.compute(op, x, mask, *([c.floats(x.shape)] if op == "masked_scatter" else []))
    count = c.among(range(1, size + 1))
    if op in ("scatter", "scatter_add"):
        shape = [c.among(range(1, own + 1)) for own in x.shape]
        shape[dim] = count
        order = torch.rand([size if i == dim else own for i, own in enumerate(shape)], generator=c.draw).argsort(dim)
        at = order.narrow(dim, 0, count)
        return c.compute(op, x, c.add("int", shape, at.flatten().tolist()), c.floats(shape), dim=dim)
    once = c.add("int", [count], c.random.sample(range(size), count))
    if op == "index_fill":
        return c.compute(op, x, once, dim=dim, value=0.5)
    slices = list(x.shape)
    if op == "index_put":
        at = c.add("int", [1], [c.among(range(x.shape[0]))])
        return c.compute(op, x, c.floats(x.shape[1:]), at, accumulate=c.chance(0.5))
    slices[dim] = count
    c.compute(op, x, once if op == "index_copy" else c.ints([count], 0, size - 1), c.floats(slices), dim=dim)


def joining(c):
    x = c.pick(fits=lambda value: value.shape)
    dim = c.dim(x)
    if c.chance(0.4):
        parts = [x, c.pick(fits=lambda value: value.shape == x.shape) if c.chance(0.5) else c.floats(x.shape)]
        return c.compute("stack", *parts, dim=dim)
    other = list(x.shape)
    other[dim] = c.among([1, 2, 3])
    parts = [x, c.any(other)]
    c.compute("cat", *(reversed(parts) if c.chance(0.4) else parts), dim=dim)


def product(c):
    x = c.pick(fits=lambda value: len(value.shape) > 1)
    rows, inner = x.shape[-2:]
    lead = c.broadcasting(x.shape[:-2])
    if c.chance(0.3):
        return c.compute("matmul", c.floats([*lead, c.among([1, 2, 3]), rows]), x)
    c.compute("matmul", x, c.floats([*lead, inner, c.among([1, 2, 3, 5])]))


def distances(c):
    x = c.pick(fits=lambda value: len(value.shape) > 1)
    y = c.floats([*x.shape[:-2], c.among([1, 2, 3]), x.shape[-1]])
    c.compute("squared_distances", x, y)
    want(c.values[-1].tensor.min() > MARGIN)


def solving(c):
    x = c.pick(fits=lambda value: len(value.shape) > 1)
    size = x.shape[-2]
    want(size * size * math.prod(x.shape[:-2]) <= ELEMENTS)
    factor = torch.rand((*x.shape[:-2], size, size), generator=c.draw, dtype=torch.float64) - 0.5
    matrix = torch.round((factor @ factor.mT + torch.eye(size)) * 1000) / 1000
    c.compute("solve_spd", c.add("float", matrix.shape, matrix.flatten().tolist()), x)


def square(c, *shape):
    """An input of symmetric matrices that are far from singular, whose eigenvalues lie apart."""
    want(math.prod(shape) <= ELEMENTS)
    factor = torch.rand(shape, generator=c.draw, dtype=torch.float64) - 0.5
    matrix = torch.round((factor @ factor.mT + torch.diag(1 + torch.arange(shape[-1])) / 2) * 1000) / 1000
    return c.add("float", shape, matrix.flatten().tolist())


def factors_of(c):
    """Functions of matrices that are far from singular."""
    matrix = square(c, *c.among([[2, 2], [3, 3], [2, 3, 3], [1, 1]]))
    op = c.among("cholesky eigvalsh eigh inv det slogdet matrix_power cond pinv".split())
    own = {"eigh": {"part": c.among(["values", "vectors"])}, "matrix_power": {"n": c.among([2, 3, -1])}}
    c.compute(op, matrix, **own.get(op, {"ord": c.among(["fro", "nuc"])} if op == "cond" else {}))


def systems(c):
    x = c.pick(fits=lambda value: len(value.shape) > 1)
    matrix = square(c, *x.shape[:-1], x.shape[-2])
    if c.chance(0.5):
        return c.compute(c.among(["solve", "lstsq"]), matrix, x)
    flags = {name: c.chance(0.5) for name in ("upper", "unitriangular")}
    c.compute("solve_triangular", matrix, x, left=True, **flags)


def singular(c):
    x = c.pick(fits=lambda value: len(value.shape) > 1 and value.shape[-2:] != [1, 1])
    values = torch.linalg.svdvals(x.tensor)
    want(values.min() > 0.3 and (values.shape[-1] == 1 or (-values.diff()).min() > 0.3))
    op = c.among(["svdvals", "svd", "qr", "pinv", "matrix_norm"])
    parts = {"svd": ["left", "values", "right", "whole"], "qr": ["left", "right"]}
    own = {"part": c.among(parts[op])} if op in parts else {}
    c.compute(op, x, **own, **({"ord": c.among(["fro", "nuc", 2, -2])} if op == "matrix_norm" else {}))


def vectors(c):
    x = c.pick(fits=lambda value: value.shape)
    op = c.among(["vector_norm", "vector_norm", "cosine_similarity", "cdist", "dot", "outer", "mv", "trace", "einsum"])
    shape, dim = x.shape, c.dim(x)
    away(x.tensor, 0)
    if op == "vector_norm":
        order = c.among([1, 3, 1.5, 0.5, "inf", "-inf"])
        over = some_dim(c, x)
        first_apart(x.tensor.abs(), over["dim"])
        return c.compute(op, x, ord=order, **over)
    if op == "cosine_similarity":
        y = c.floats(shape)
        want(min(torch.linalg.vector_norm(t.tensor, dim=dim).min() for t in (x, y)) > 0.3)
        return c.compute(op, x, y, dim=dim)
    if op == "cdist":
        want(len(shape) > 1)
        y = c.floats([*shape[:-2], c.among([1, 2, 3]), shape[-1]])
        away(x.tensor.unsqueeze(-2) - y.tensor.unsqueeze(-3), 0)
        return c.compute(op, x, y, p=c.among([2, 1, 3]))
    if op == "einsum" and len(shape) == 2:
        y = c.floats([shape[1], c.among([1, 2, 3])])
        return c.compute(op, x, y, equation=c.among(["ij,jk->ik", "ij,jk->ki", "ij,jk->k", "ij,jk->ijk"]))
    if op == "einsum":
        return c.compute(op, x, c.floats([shape[-1]]), equation=c.among(["...i,i->...", "...i,i->...i", "...i,j->j..."]))
    want(len(shape) == (1 if op in ("dot", "outer") else 2))
    if op == "trace":
        return c.compute(op, x)
    c.compute(op, x, c.floats([c.among([1, 2, 3])] if op == "outer" else shape[-1:]))


def images(c):
    return c.pick(fits=lambda value: len(value.shape) == 4)


def convolution(c):
    x = images(c)
    channels = x.shape[1]
    groups = c.among([1, channels])
    outputs = groups * c.among([1, 2])
    kernel = [c.among([1, 2, 3]) for _ in range(2)]
    padding = [c.among(range(size)) for size in kernel]
    want(all(x.shape[2 + i] + 2 * padding[i] >= kernel[i] for i in range(2)))
    shape = [outputs, channels // groups, *kernel]
    want(math.prod(shape) <= ELEMENTS)
    operands = [x, c.floats(shape, -1, 1), *([c.floats([outputs])] if c.chance(0.5) else [])]
    c.compute("conv2d", *operands, stride=[c.among([1, 2]) for _ in range(2)], padding=padding, groups=groups)


def pooling(c):
    x = images(c)
    op = c.among("max_pool2d avg_pool2d adaptive_avg_pool2d global_avg_pool".split())
    if op == "global_avg_pool":
        return c.compute(op, x)
    if op == "adaptive_avg_pool2d":
        return c.compute(op, x, size=[c.among([1, 2, 3]) for _ in range(2)])
    kernel = [c.among([1, 2, 3]) for _ in range(2)]
    padding = [c.among(range(0, size // 2 + 1)) for size in kernel]
    want(all(x.shape[2 + i] + 2 * padding[i] >= kernel[i] for i in range(2)))
    if op == "max_pool2d":
        apart(x.tensor)
    c.compute(op, x, kernel=kernel, stride=[c.among([1, 2]) for _ in range(2)], padding=padding)


def normalisation(c):
    x = c.pick(fits=lambda value: len(value.shape) in (2, 4))
    channels = x.shape[1]
    own = x.tensor.movedim(1, 0).flatten(1)
    want(own.shape[1] > 1 and own.var(1).min() > 0.1)
    c.compute("batch_norm_train", x, c.floats([channels]), c.floats([channels]), epsilon=1e-5)


def loss(c):
    x = c.pick(fits=lambda value: len(value.shape) == 2)
    rows, columns = x.shape
    if c.chance(0.5):
        want(columns > 1)
        return c.compute("loss.cross_entropy", x, c.ints([rows], 0, columns - 1))
    want(rows % 2 == 0 and rows > 2 and torch.linalg.vector_norm(x.tensor, dim=1).min() > 0.3)
    c.compute("loss.nt_xent", x, views=2, temperature=0.5)


STEPS = [
    *[smooth, bounded, arithmetic, layout, elementwise] * 3,
    *[kinked, pieces, paired, scalar, division, bounds, choice, total, extreme, spread, soft, product, picking, joining] * 2,
    *[running, ordered, moving, writing] * 2,
    *[negate, multiplied, power, comparison, logic, position, cast, detach, one_hot, distances, solving, loss],
    *[factors_of, systems, singular, vectors],
    *[convolution, pooling, normalisation] * 3,
]
