"""Writes tests/scripts/fixtures/shapes.lua: what PyTorch computes, in float64, for operations that move, part, repeat and
surround elements, and for those that write at positions. Run `python3 tests/reference/shapes.py` after adding a case;
what a case is stands in cases.py.
"""

import torch
import torch.nn.functional as F

from cases import INF, NAN, bools, case, constant, edge, floats, ints, positions, write

EACH = [(floats, case), (ints, constant), (bools, constant)]


def each(expression, function, *shape):
    """Of floats with the gradient, and of ints and truth values."""
    for make, compare in EACH:
        compare(expression, function, make(*shape))


# The same elements under other dims.
each("x:view(5, 3)", lambda x: x.view(5, 3), 3, 5)
case("x:view(2, -1)", lambda x: x.view(2, -1), floats(7, 1, 2))
case("x:view({})", lambda x: x.view([]), floats(1, 1))
case("x:view_as(y)", lambda x, y: x.view_as(y), floats(3, 5), floats(5, 1, 3))
case("x:expand_as(y)", lambda x, y: x.expand_as(y), floats(3, 1), ints(2, 3, 5))
case("x:expand(2, -1, 5)", lambda x: x.expand(2, -1, 5), floats(3, 1))
case("x:broadcast_to(2, 3, 5)", lambda x: x.broadcast_to(2, 3, 5), floats(3, 1))
case("x:broadcast_to({})", lambda x: x.broadcast_to(()), floats())
each("x:t()", lambda x: x.t(), 3, 5)
case("x:t()", lambda x: x.t(), floats(5))
case("x:t()", lambda x: x.t(), floats())
constant("mb.tensor(x:size())", lambda x: torch.tensor(x.size()), floats(3, 5, 2))
constant("mb.tensor(x:size(-1))", lambda x: torch.tensor(x.size(-1)), floats(3, 5))
constant("mb.tensor(x:dim())", lambda x: torch.tensor(x.dim()), floats(3, 5, 1))
each("x:movedim(1, -1)", lambda x: x.movedim(0, -1), 2, 3, 5)
case("x:movedim({1, -1}, {2, 1})", lambda x: x.movedim((0, -1), (1, 0)), floats(2, 3, 5, 2))
case("x:movedim(3, 1)", lambda x: x.movedim(2, 0), floats(2, 3, 5))
each("x:unflatten(1, {2, 3})", lambda x: x.unflatten(0, (2, 3)), 6, 5)
case("x:unflatten(-1, {1, 5, 1})", lambda x: x.unflatten(-1, (1, 5, 1)), floats(3, 5))
each("x:flip({1, -1})", lambda x: x.flip(0, -1), 3, 5)
case("x:flip({2})", lambda x: x.flip(1), floats(3, 5, 2))
for count in (-1, 0, 1, 2, 3, 5):
    case(f"x:rot90({count})", lambda x: torch.rot90(x, count), floats(3, 5))
each("x:rot90(1, {2, 3})", lambda x: torch.rot90(x, 1, (1, 2)), 2, 3, 5)
case("x:rot90(1, {-1, 1})", lambda x: torch.rot90(x, 1, (-1, 0)), floats(2, 3, 5))

# Parts.
each("mb.cat(x:chunk(2), 1) * 1", lambda x: torch.cat(x.chunk(2), 0) * 1, 5, 2)
for count in (1, 2, 3, 4, 5, 7):
    case(f"x:chunk({count}, 2)[1]", lambda x: x.chunk(count, 1)[0], floats(3, 5))
    constant(f"mb.tensor(#x:chunk({count}, 2))", lambda x: torch.tensor(len(x.chunk(count, 1))), floats(3, 5))
case("x:chunk(2, -1)[2]", lambda x: x.chunk(2, -1)[1], floats(3, 5))
each("x:split(2)[3]", lambda x: x.split(2)[2], 5, 2)
case("x:split(9, 2)[1]", lambda x: x.split(9, 1)[0], floats(3, 5))
case("x:split({2, 3}, -1)[2]", lambda x: x.split([2, 3], -1)[1], floats(3, 5))
case("x:split({1, 1, 1})[2]", lambda x: x.split([1, 1, 1])[1], floats(3))
each("x:unbind()[2]", lambda x: x.unbind()[1], 3, 5)
case("x:unbind(-1)[1] * x:unbind(-1)[4]", lambda x: x.unbind(-1)[0] * x.unbind(-1)[3], floats(2, 3, 5))
case("x:unbind()[3]", lambda x: x.unbind()[2], floats(3))
each("x:narrow(1, 2, 2)", lambda x: x.narrow(0, 1, 2), 5, 2)
case("x:narrow(-1, -2, 2)", lambda x: x.narrow(-1, -2, 2), floats(3, 5))
for first, last, step in [(1, -1, 2), (2, -1, 2), (1, 4, 3), (3, 3, 4), (1, 7, 1), (2, 7, 9)]:
    case(f"x:slice(1, {first}, {last}, {step})", lambda x: x[first - 1 : last % 8 : step], floats(7, 2))
case("x:slice(-1, 2, -2, 2)", lambda x: x[..., 1:-1:2], floats(2, 3, 7))
constant("x:slice(2, 1, -1, 3)", lambda x: x[:, ::3], bools(3, 7))
each("x:index(2, -1)", lambda x: x[:, -1], 3, 5)
each("x:index_select(1, {3, 1, 3})", lambda x: x[[2, 0, 2]], 3, 5)
case("x:index_select(-1, y)", lambda x, y: x.index_select(-1, y - 1), floats(2, 3, 5), positions(4, size=5))
constant("mb.range(2, 9, 3)", lambda: torch.arange(2, 9, 3), where="with its end")
constant("mb.range(3, -4, -2)", lambda: torch.arange(3, -5, -2), where="downwards")

# Elements that come again.
each("x:tile(2, 3)", lambda x: x.tile(2, 3), 3, 5)
case("x:tile(2)", lambda x: x.tile(2), floats(3, 5))
case("x:tile({2, 1, 3})", lambda x: x.tile(2, 1, 3), floats(2, 2))
case("x:tile(3)", lambda x: x.tile(3), floats())
case("x:tile()", lambda x: x.tile(()), floats(3))
case("x:tile(1, 2, 1, 2, 2, 1)", lambda x: x.tile(1, 2, 1, 2, 2, 1), floats(2, 1, 2, 1, 2))
each("x:repeat_interleave(3)", lambda x: x.repeat_interleave(3), 3, 2)
case("x:repeat_interleave(2, 1)", lambda x: x.repeat_interleave(2, 0), floats(3, 5))
case("x:repeat_interleave(2, -1)", lambda x: x.repeat_interleave(2, -1), floats(2, 3, 2))
counts = torch.tensor([2, 0, 3])
each("x:repeat_interleave(mb.tensor {2, 0, 3}, 1)", lambda x: x.repeat_interleave(counts, 0), 3, 5)
case("x:repeat_interleave(y, 2)", lambda x, y: x.repeat_interleave(y, 1), floats(2, 3, 2), counts)
case("x:repeat_interleave(y)", lambda x, y: x.repeat_interleave(y), floats(3), counts)
for shift in (-7, -1, 0, 2, 5):
    case(f"x:roll({shift}, 2)", lambda x: x.roll(shift, 1), floats(3, 5))
each("x:roll(2)", lambda x: x.roll(2), 3, 5)
case("x:roll({1, -2}, {1, -1})", lambda x: x.roll((1, -2), (0, -1)), floats(3, 2, 5))
case("x:roll(1)", lambda x: x.roll(1), floats())

# Around a tensor.
for widths in [(1, 2), (0, 3), (2, 1, 1, 0), (1, 0, 0, 0, 2, 1), (-1, 2), (-1, -2), (-2, 0, 3, -1)]:
    text = "{" + ", ".join(map(str, widths)) + "}"
    case(f"x:pad({text})", lambda x: F.pad(x, widths), floats(2, 3, 5))
    case(f"x:pad({text}, {{value = -1.5}})", lambda x: F.pad(x, widths, value=-1.5), floats(2, 3, 5))
constant("x:pad({1, 2}, {value = 7})", lambda x: F.pad(x, (1, 2), value=7), ints(3, 5))
constant("x:pad({1, 2}, {value = 1})", lambda x: F.pad(x, (1, 2), value=True), bools(3, 5))
case("x:pad({0, 0})", lambda x: F.pad(x, (0, 0)), floats(5))
for mode, most in [("reflect", 1), ("replicate", 9), ("circular", 0)]:
    for widths in [(1, 2), (2, 0, 1, 2), (0, 1, 2, 2, 1, 0)]:
        text = "{" + ", ".join(map(str, widths)) + "}"
        shape = (1, 2, *[4] * (len(widths) // 2))
        case(f"x:pad({text}, {{mode = '{mode}'}})", lambda x: F.pad(x, widths, mode=mode), floats(*shape))
    widths = [{"reflect": 3, "replicate": 9, "circular": 4}[mode]] * 2
    text = "{" + ", ".join(map(str, widths)) + "}"
    case(f"x:pad({text}, {{mode = '{mode}'}})", lambda x: F.pad(x, widths, mode=mode), floats(1, 4))
constant("x:pad({2, 1}, {mode = 'reflect'})", lambda x: F.pad(x.double(), (2, 1), mode="reflect").long(), ints(2, 5))

# Windows.
for size, step in [(1, 1), (3, 1), (2, 2), (3, 4), (7, 1)]:
    case(f"x:unfold(2, {size}, {step})", lambda x: x.unfold(1, size, step), floats(2, 7, 2))
each("x:unfold(-1, 2, 3)", lambda x: x.unfold(-1, 2, 3), 3, 6)
case("x:unfold(1, 3, 2)", lambda x: x.unfold(0, 3, 2), floats(7))
for text, options, shape in [
    ("kernel = 2", dict(kernel_size=2), (2, 3, 4, 5)),
    ("kernel = {2, 3}, stride = {2, 1}, padding = {1, 0}", dict(kernel_size=(2, 3), stride=(2, 1), padding=(1, 0)), (1, 2, 5, 4)),
    ("kernel = 3, stride = 2, padding = 1, dilation = 2", dict(kernel_size=3, stride=2, padding=1, dilation=2), (1, 2, 7, 5)),
    ("kernel = {1, 2}, dilation = {1, 3}", dict(kernel_size=(1, 2), dilation=(1, 3)), (2, 1, 3, 5)),
    ("kernel = 2, padding = 2", dict(kernel_size=2, padding=2), (2, 3, 3)),
]:
    image = floats(*shape)
    size = shape[-2:]
    case(f"mb.unfold(x, {{{text}}})", lambda x: F.unfold(x, **options), image)
    columns = F.unfold(image, **options)
    case(
        f"mb.fold(x, {{{size[0]}, {size[1]}}}, {{{text}}})",
        lambda x: F.fold(x, size, **options),
        floats(*columns.shape),
    )

# Diagonals.
for offset in (-2, -1, 0, 1, 4):
    case(f"x:diagonal({offset})", lambda x: x.diagonal(offset), floats(3, 5))
    case(f"x:diag({offset})", lambda x: x.diag(offset), floats(3, 5))
    case(f"x:tril({offset})", lambda x: x.tril(offset), floats(3, 5))
    case(f"x:triu({offset})", lambda x: x.triu(offset), floats(5, 3))
    if abs(offset) < 3:
        case(f"x:diag({offset})", lambda x: x.diag(offset), floats(3))
        case(f"x:diag_embed({offset})", lambda x: x.diag_embed(offset), floats(2, 3))
each("x:diagonal()", lambda x: x.diagonal(), 3, 2)
each("x:diag()", lambda x: x.diag(), 3)
each("x:tril()", lambda x: x.tril(), 3, 3)
each("x:triu()", lambda x: x.triu(), 3, 3)
each("x:diag_embed()", lambda x: x.diag_embed(), 2, 2)
case("x:diagonal(1, 2, 3)", lambda x: x.diagonal(1, 1, 2), floats(2, 3, 5))
case("x:diagonal(0, -1, 1)", lambda x: x.diagonal(0, -1, 0), floats(2, 3, 5))
case("x:tril(1)", lambda x: x.tril(1), floats(2, 3, 2, 2))
edge("of infinities and NaN", "x:tril()", torch.tril, [[1.0, INF], [NAN, -INF]], gradient=False)
edge("of infinities and NaN", "x:diag()", torch.diag, [INF, NAN, 1.0], gradient=False)

# Several tensors.
for number, shape in enumerate([(3, 5), (3, 5), (3, 5)]):
    own = number + 1
    if number < 2:
        case(
            f"mb.broadcast_tensors({{x, y}})[{own}]",
            lambda x, y: torch.broadcast_tensors(x, y)[number],
            floats(3, 1),
            floats(2, 1, 5),
        )
    case(
        f"mb.meshgrid({{x, y, z}})[{own}]",
        lambda x, y, z: torch.meshgrid(x, y, z, indexing="ij")[number],
        floats(3),
        floats(2),
        floats(),
    )
case("mb.cartesian_prod({x, y})", torch.cartesian_prod, floats(3), floats(2))
case("mb.cartesian_prod({x, y, z})", torch.cartesian_prod, floats(2), floats(3), floats(2))
case("mb.cartesian_prod({x})", torch.cartesian_prod, floats(3))
case("mb.block_diag({x, y, z})", torch.block_diag, floats(2, 3), floats(2), floats())
constant("mb.block_diag({x, y})", torch.block_diag, ints(2, 1), ints(1, 3))
for name, function in [("hstack", torch.hstack), ("vstack", torch.vstack)]:
    case(f"mb.{name}({{x, y}})", lambda *parts: function(parts), floats(3), floats(3))
    case(f"mb.{name}({{x, y}})", lambda *parts: function(parts), floats(), floats())
    case(f"mb.{name}({{x, y}})", lambda *parts: function(parts), floats(3, 2), floats(3, 2))
case("mb.hstack({x, y})", lambda *parts: torch.hstack(parts), floats(2, 1, 3), floats(2, 2, 3))
case("mb.vstack({x, y})", lambda *parts: torch.vstack(parts), floats(3), floats(2, 3))


# Writing. Positions are distinct along the dim, but where it is about those that repeat.
def distinct(*shape, dim, size):
    """Positions from 1, none of which comes again along a dim."""
    drawn = torch.rand(*[size if i == dim % len(shape) else n for i, n in enumerate(shape)])
    return drawn.argsort(dim).narrow(dim, 0, shape[dim]) + 1


for dim, own, at in [(0, (5, 3), (2, 3)), (1, (3, 5), (2, 4)), (-1, (2, 3, 5), (2, 1, 5)), (0, (7,), (3,)), (1, (2, 4, 3, 2), (2, 3, 1, 2))]:
    lua = dim + 1 if dim >= 0 else dim
    size = own[dim]
    picks = distinct(*at, dim=dim, size=size)
    case(f"x:scatter({lua}, y, z)", lambda x, y, z: x.scatter(dim, y - 1, z), floats(*own), picks, floats(*at))
    case(f"x:scatter({lua}, y, 0.5)", lambda x, y: x.scatter(dim, y - 1, 0.5), floats(*own), picks)
    larger = [n + 1 for n in at]
    # PyTorch's own gradient wants a source of the positions' shape.
    cut = tuple(map(slice, at))
    case(f"x:scatter({lua}, y, z)", lambda x, y, z: x.scatter(dim, y - 1, z[cut]), floats(*own), picks, floats(*larger))
    many = positions(*at, size=size)
    case(f"x:scatter_add({lua}, y, z)", lambda x, y, z: x.scatter_add(dim, y - 1, z[cut]), floats(*own), many, floats(*larger))
    for reduction in ("sum", "mean", "amax", "amin"):
        for included in (True, False):
            case(
                f"x:scatter_reduce({lua}, y, z, '{reduction}', {{include_self = {str(included).lower()}}})",
                lambda x, y, z: x.scatter_reduce(dim, y - 1, z, reduction, include_self=included),
                floats(*own),
                many,
                floats(*at),
            )
constant("x:scatter(2, y, z)", lambda x, y, z: x.scatter(1, y - 1, z), ints(3, 5), distinct(3, 2, dim=1, size=5), ints(3, 2))
constant("x:scatter(1, y, z)", lambda x, y, z: x.scatter(0, y - 1, z), bools(5), distinct(2, dim=0, size=5), bools(2))
constant("x:scatter(1, y, 7)", lambda x, y: x.scatter(0, y - 1, 7), ints(5), distinct(2, dim=0, size=5))
constant("x:scatter_add(2, y, z)", lambda x, y, z: x.scatter_add(1, y - 1, z), ints(3, 5), positions(3, 4, size=5), ints(3, 4))
REPEATED = torch.tensor([2, 1, 2, 2])
edge("of positions that repeat", "x:scatter(1, y, z)", lambda x, y, z: torch.stack([z[1], z[3], x[2]]), floats(3), REPEATED, floats(4))
edge("of positions that repeat", "x:index_copy(1, y, z)", lambda x, y, z: torch.stack([z[1], z[3], x[2]]), floats(3), REPEATED, floats(4))
edge("of positions that repeat", "x:index_put({y}, z)", lambda x, y, z: torch.stack([z[1], z[3], x[2]]), floats(3), REPEATED, floats(4))
edge("of infinities", "x:scatter(1, y, z)", lambda x, y, z: x.scatter(0, y - 1, z), [INF, NAN, 1.0], torch.tensor([3, 2]), [-INF, 2.0])
edge("of ties", "x:scatter_reduce(1, y, z, 'amax')", lambda x, y, z: x.scatter_reduce(0, y - 1, z, "amax"), [3.0, 1.0, 2.0], REPEATED, [2.0, 3.0, 2.0, 1.0])
# PyTorch counts the own value among the ties also where it is not included.
edge("of ties", "x:scatter_reduce(1, y, z, 'amin', {include_self = false})", lambda x, y, z: x.scatter_reduce(0, y - 1, z, "amin", include_self=False), [3.5, 1.5, 2.5], REPEATED, [2.0, 3.0, 2.0, 5.0])
edge("with NaN", "x:scatter_reduce(1, y, z, 'amax')", lambda x, y, z: x.scatter_reduce(0, y - 1, z, "amax"), [NAN, 1.0, 2.0], REPEATED, [2.0, 3.0, NAN, 1.0], gradient=False)

for dim, own, count in [(0, (5, 3), 2), (1, (3, 5), 4), (-1, (2, 3, 5), 3), (0, (7,), 5), (1, (2, 4, 1, 3), 2)]:
    lua = dim + 1 if dim >= 0 else dim
    slices = list(own)
    slices[dim] = count
    many, once = positions(count, size=own[dim]), distinct(count, dim=0, size=own[dim])
    case(f"x:index_add({lua}, y, z)", lambda x, y, z: x.index_add(dim, y - 1, z), floats(*own), many, floats(*slices))
    case(f"x:index_copy({lua}, y, z)", lambda x, y, z: x.index_copy(dim, y - 1, z), floats(*own), once, floats(*slices))
    case(f"x:index_fill({lua}, y, -1.5)", lambda x, y: x.index_fill(dim, y - 1, -1.5), floats(*own), many)
constant("x:index_add(1, {2, 2}, y)", lambda x, y: x.index_add(0, torch.tensor([1, 1]), y), ints(3, 2), ints(2, 2))
constant("x:index_copy(1, {2}, y)", lambda x, y: x.index_copy(0, torch.tensor([1]), y), bools(3, 2), bools(1, 2))
constant("x:index_fill(2, {2, 1}, 1)", lambda x: x.index_fill(1, torch.tensor([1, 0]), 1), bools(3, 4))

for accumulate in (False, True):
    option = ", {accumulate = true}" if accumulate else ""
    rows, columns = torch.tensor([3, 1, 2]), torch.tensor([2, 5, 2])
    case(
        f"x:index_put({{y}}, z{option})",
        lambda x, y, z: x.index_put((y - 1,), z, accumulate),
        floats(5, 3),
        torch.tensor([[1, 3], [5, 2]]),
        floats(2, 2, 3),
    )
    case(
        f"x:index_put({{mb.tensor {{3, 1, 2}}, y}}, z{option})",
        lambda x, y, z: x.index_put((rows - 1, y - 1), z, accumulate),
        floats(3, 5, 2),
        columns,
        floats(3, 1),
    )
    case(
        f"x:index_put({{mb.tensor {{{{3}}, {{1}}}}, y}}, z{option})",
        lambda x, y, z: x.index_put((torch.tensor([[2], [0]]), y - 1), z, accumulate),
        floats(3, 5),
        torch.tensor([2, 5]),
        floats(2, 2),
    )
    case(
        f"x:index_put({{y}}, z{option})",
        lambda x, y, z: x.index_put((y,), z, accumulate),
        floats(3, 2),
        torch.tensor([[True, False], [True, True], [False, True]]),
        floats(4),
    )
    case(
        f"x:index_put({{y}}, 2.5{option})",
        lambda x, y: x.index_put((y,), torch.tensor(2.5, dtype=torch.float64), accumulate),
        floats(3, 2),
        torch.tensor([True, False, True]),
    )
case("x:index_put({y}, z, {accumulate = true})", lambda x, y, z: x.index_put((y - 1,), z, True), floats(3), REPEATED, floats(4))
constant("x:index_put({y}, z)", lambda x, y, z: x.index_put((y - 1,), z), ints(5), torch.tensor([4, 2]), ints(2))

SOME = torch.tensor([[True, False, True], [False, False, True]])
each("x:masked_select(mb.tensor {{true, false, true}, {false, false, true}})", lambda x: x.masked_select(SOME), 2, 3)
case("x:masked_select(y)", torch.masked_select, floats(2, 3), torch.tensor([False, True, True]))
case("x:masked_select(y)", torch.masked_select, floats(3, 1), torch.tensor([[False, True], [True, True], [False, False]]))
case("x:masked_select(y)", torch.masked_select, floats(), torch.tensor(True))
case("x:masked_scatter(y, z)", torch.masked_scatter, floats(2, 3), SOME, floats(3))
case("x:masked_scatter(y, z)", torch.masked_scatter, floats(2, 3), torch.tensor([False, True, True]), floats(3, 2))
case("x:masked_scatter(y, z)", torch.masked_scatter, floats(3), torch.tensor([False, False, False]), floats(2))
constant("x:masked_scatter(y, z)", torch.masked_scatter, ints(2, 3), SOME, ints(5))
constant("x:masked_scatter(y, z)", torch.masked_scatter, bools(2, 3), SOME, bools(3))

write(__file__)
