#!/usr/bin/env python3
"""Writes tests/fixtures/gradients.json: first and second gradients of every differentiable operation, layer and loss,
computed with PyTorch in float64, and the same as central differences. Where the two differ, nothing is written.

A case is a program (`programs.py`); its name says the operation, its parameters and its inputs. Places where an
operation has an edge are avoided here: `gradient_edges.py` has those.

    gradients.py [OUT]        (needs torch)
"""

import pathlib
import sys

import elementwise_operations as elementwise
from programs import step, write
from smooth_cases import apart, bools, case, cases, definite, floats, given, ints, positive, program, spread

OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "gradients.json"

# Arithmetic. Broadcasting stretches the left, the right, and both operands.
PAIRS = [((3, 5), (3, 5)), ((3, 5), (5,)), ((3, 1, 2), (1, 3, 2)), ((), (3,)), ((1, 3), (2, 1, 3))]
for left, right in PAIRS:
    for op in ["add", "sub", "mul", "maximum", "minimum"]:
        case(op, floats(*left), floats(*right))
    for op in ["div", "remainder", "floor_div"]:
        case(op, floats(*left), positive(*right))
    case("pow", positive(*left), floats(*right))
for op in ["add", "mul", "div"]:
    case(op, floats(3, 4), ints(4, low=1))
    case(op, ints(4, low=1), positive(3, 1))
case("sub", bools(3, 1), floats(2))
for op, value in [("add", 1.5), ("sub", 0.75), ("mul", -2.5), ("div", 0.7)]:
    case(f"{op}_scalar", floats(3, 5), value=value)
    case(f"{op}_scalar", floats(), value=value)
for value in [0, 1, 2, 3, 4, 0.5, -0.5, 1.5, 2.5, -1, -2, -1.5]:
    case("pow_scalar", positive(7), value=value)
for value in [0, 1, 2, 3, -1, -3]:
    case("pow_scalar", floats(3, 3), value=value)

# Functions of one variable.
for op, make in [
    *[(op, floats) for op in "neg abs exp sin cos tanh erf sigmoid relu gelu floor ceil round sign".split()],
    ("log", positive),
    ("log1p", positive),
    ("sqrt", positive),
]:
    for shape in [(), (11,), (3, 1, 2)]:
        case(op, make(*shape))
for op, (_, of) in elementwise.FUNCTIONS.items():
    low, high = of or (-2, 2)
    for shape in [(), (3, 1, 2)]:
        case(op, floats(*shape, low=max(low, -2) + 0.02, high=min(high, 3) - 0.02))
for op in [*elementwise.PIECES, *elementwise.JUMPS, "nan_to_num"]:
    case(op, floats(11, low=-4, high=7))
for op in elementwise.WITH_NUMBER:
    case(op, floats(11), value=0.3)
for op in [*elementwise.PAIRS, "fmod"]:
    for left, right in PAIRS:
        case(op, positive(*left), positive(*right))
case("lerp", floats(3, 5), floats(5), floats(3, 1))
case("softplus", floats(11), beta=2, threshold=1.5)
case("softplus", floats(3, 2), beta=1, threshold=20)
case("hardtanh", floats(3, 5), min=-0.5, max=1)
case("clamp", floats(3, 5), min=-0.5, max=1)
case("clamp", floats(3, 5), min=None, max=0.3)
case("clamp", floats(3, 5), min=0.3, max=None)
case("where", bools(3, 5), floats(3, 5), floats(3, 5))
case("where", bools(3, 1), floats(5), floats(2, 3, 1))
case("where", bools(3, 2), floats(3, 2), ints(2))
case("masked_fill", floats(3, 5), bools(3, 5), value=-3)
case("masked_fill", floats(5), bools(3, 1), value=0.5)
case("masked_fill", floats(2, 3, 1), bools(5), value=0.5)
case("cast", floats(3, 2), kind="float")

# Reductions.
for op in ["sum", "mean", "max", "min", "norm"]:
    for shape, dim, keep in [
        ((3, 5), None, False),
        ((3, 5), None, True),
        ((3, 5), 0, False),
        ((3, 5), 1, True),
        ((3, 2, 4), 1, False),
        ((1, 5), 0, True),
        ((), None, False),
        ((7,), 0, False),
    ]:
        case(op, floats(*shape), dim=dim, keep=keep)
for op in ["var", "std"]:
    for shape, dim, keep, biased in [
        ((3, 5), None, False, False),
        ((3, 5), None, True, True),
        ((3, 5), 0, False, True),
        ((3, 5), 1, True, False),
        ((2, 3, 2), 1, False, False),
        ((7,), 0, False, True),
    ]:
        case(op, floats(*shape), dim=dim, keep=keep, biased=biased)
for op in ["amax", "amin", "prod", "logsumexp", "nansum", "nanmean"]:
    case(op, floats(3, 5), dim=None, keep=False)
    case(op, floats(3, 4), dim=0, keep=True)
    case(op, floats(2, 3, 2), dim=[0, 2], keep=False)
for op in ["sum", "mean", "max", "min", "norm", "var", "std"]:
    biased = {"biased": True} if op in ("var", "std") else {}
    case(op, floats(2, 3, 4), dim=[0, 2], keep=False, **biased)
    case(op, floats(2, 3, 2), dim=[1, 2], keep=True, **biased)
for op in ["cumsum", "cumprod", "logcumsumexp", "cummax", "cummin", "max_with_positions", "min_with_positions"]:
    for shape, dim in [((6,), 0), ((3, 4), 0), ((2, 3, 2), 1), ((3, 1), 1)]:
        case(op, floats(*shape), dim=dim)
for shape, dim in [((6,), 0), ((4, 3), 0), ((2, 3, 3), 1)]:
    case("sort", floats(*shape), dim=dim, descending=False)
    case("sort", floats(*shape), dim=dim, descending=True)
    case("kthvalue", floats(*shape), k=2, dim=dim, keep=False)
    case("diff", floats(*shape), n=2, dim=dim)
    for over in [dim, None]:
        case("median", floats(*shape), dim=over, keep=False)
        case("quantile", floats(*shape), shares=[0.3, 0.8], dim=over, keep=True)
case("topk", floats(3, 5), k=2, dim=1, smallest=True)
for op in ["softmax", "log_softmax", "normalize"]:
    for shape, dim in [((3, 5), 1), ((3, 5), 0), ((2, 3, 2), 1), ((7,), 0), ((3, 1), 0)]:
        case(op, floats(*shape), dim=dim)
case("topk", floats(3, 5), k=2, dim=1)
case("topk", floats(5, 1, 2), k=3, dim=0)
case("topk", floats(4), k=4, dim=0)

# Layout.
case("reshape", floats(3, 4), shape=[2, 6])
case("reshape", floats(1), shape=[])
case("flatten", floats(2, 3, 2), **{"from": 1, "to": 2})
case("squeeze", floats(3, 1, 2), dim=1)
case("squeeze", floats(1, 3, 1), dim=None)
case("unsqueeze", floats(3, 2), dim=1)
case("permute", floats(2, 3, 4), order=[2, 0, 1])
case("transpose", floats(2, 3, 2), first=0, second=2)
case("flip", floats(3, 5), dim=1)
case("flip", floats(3, 2, 2), dim=0)
case("expand", floats(3, 1), shape=[2, 3, 4])
case("expand", floats(), shape=[3])
case("at", floats(3, 5), dim=1, position=2)
case("slice", floats(3, 5), dim=1, **{"from": 1, "to": 4})
case("slice", floats(5, 2), dim=0, **{"from": 4, "to": 5})
case("select", floats(3, 5), given("int", [4], [4, 0, 4, 4]), dim=1)
case("select", floats(3, 2), given("int", [2], [2, 2]), dim=0)
case("select", floats(4), given("int", [1], [1]), dim=0)
case("gather", floats(3, 5), given("int", [3, 4], [0, 0, 4, 1, 2, 2, 2, 2, 1, 3, 3, 0]), dim=1)
case("gather", floats(5, 2, 2), given("int", [3, 2, 1], [4, 0, 4, 0, 1, 1]), dim=0)
case("cat", floats(3, 2), floats(3, 4), dim=1)
case("cat", floats(1, 2), floats(3, 2), floats(2, 2), dim=0)
case("cat", floats(3, 2), ints(3, 1), dim=1)
case("stack", floats(3, 2), floats(3, 2), dim=1)
case("stack", floats(), floats(), floats(), dim=0)
program("cat of one tensor twice", [step("cat", 0, 0, dim=1), step("mul", 1, 1)], floats(3, 2))

# Moving elements, and writing them at positions.
case("movedim", floats(2, 3, 2), **{"from": [0, 2], "to": [2, 0]})
case("rot90", floats(3, 2), count=1, dims=[0, 1])
case("slice_by", floats(7, 2), dim=0, **{"from": 1, "to": 7, "by": 2})
case("tile", floats(3, 2), counts=[2, 1, 3])
case("repeat_interleave", floats(3, 2), count=2, dim=1)
case("repeat_interleave_by", floats(3, 2), given("int", [3], [2, 0, 1]), dim=0)
case("roll", floats(3, 5), shifts=[1, -2], dims=[0, 1])
for mode in ["constant", "reflect", "replicate", "circular"]:
    case("pad", floats(3, 4), widths=[1, 2, 0, 1], mode=mode, value=0.5 if mode == "constant" else 0)
case("pad", floats(3, 4), widths=[-1, 2], mode="constant", value=0)
case("unfold", floats(2, 7), dim=1, size=3, step=2)
case("unfold", floats(5, 2), dim=0, size=2, step=1)
windows = dict(kernel=[2, 3], stride=[2, 1], padding=[1, 0], dilation=[1, 1])
case("im2col", floats(1, 2, 4, 5), **windows)
case("col2im", floats(1, 6, 9), size=[4, 5], **windows)
case("im2col", floats(2, 1, 5, 5), kernel=[2, 2], stride=[1, 2], padding=[0, 1], dilation=[2, 3])
case("diagonal", floats(3, 5), offset=1, dims=[0, 1])
case("diagonal", floats(2, 3, 2), offset=-1, dims=[1, 0])
case("diag_embed", floats(2, 3), offset=-1)
case("tril", floats(3, 4), offset=1)
case("triu", floats(2, 3, 3), offset=0)
case("block_diag", floats(2, 1), floats(1, 3))
rows, columns = given("int", [3], [2, 0, 2]), given("int", [3], [1, 4, 1])
case("index_get", floats(3, 5), rows, columns)
case("index_get", floats(3, 5), given("int", [2, 2], [2, 0, 2, 2]))
case("index_put", floats(3, 5), floats(2), given("int", [2], [2, 0]), given("int", [2], [1, 4]), accumulate=False)
case("index_put", floats(3, 5), floats(3), rows, columns, accumulate=True)
case("index_put", floats(3, 2), floats(2), given("bool", [3], [True, False, True]), accumulate=False)
at = given("int", [2, 3], [0, 3, 1, 4, 2, 0])
for op in ["scatter", "scatter_add"]:
    case(op, floats(3, 5), at, floats(2, 3), dim=1)
    case(op, floats(4), given("int", [2], [3, 1]), floats(2), dim=0)
case("scatter_add", floats(3, 2), given("int", [4, 2], [0, 1, 0, 0, 2, 1, 0, 1]), floats(4, 2), dim=0)
for reduce in ["sum", "mean", "amax", "amin"]:
    again = given("int", [4, 2], [0, 1, 0, 0, 2, 1, 0, 1])
    case("scatter_reduce", floats(3, 2), again, floats(4, 2), dim=0, reduce=reduce, include_self=True)
    case("scatter_reduce", floats(3, 2), again, floats(4, 2), dim=0, reduce=reduce, include_self=False)
case("index_add", floats(3, 4), given("int", [3], [1, 3, 1]), floats(3, 3), dim=1)
case("index_copy", floats(3, 4), given("int", [2], [3, 1]), floats(3, 2), dim=1)
case("index_fill", floats(3, 4), given("int", [2], [3, 1]), dim=1, value=0.5)
mask = given("bool", [2, 3], [True, False, True, False, False, True])
case("masked_select", floats(2, 3), mask)
case("masked_select", floats(3), mask)
case("masked_scatter", floats(2, 3), mask, floats(5))

# Products.
case("matmul", floats(3, 5), floats(5, 2))
case("matmul", floats(3, 4), floats(4, 1))
case("matmul", floats(1, 4), floats(4, 3))
case("matmul", floats(3, 1), floats(1, 2))
case("matmul", floats(2, 3, 2), floats(2, 2, 4))
case("matmul", floats(2, 1, 3, 2), floats(3, 2, 2))
case("matmul", floats(3, 2), floats(2, 2, 3))
case("matmul", floats(2, 3, 2), floats(2, 1))
program("matmul with its own transpose", [step("transpose", 0, first=0, second=1), step("matmul", 0, 1)], floats(3, 5))
for shape, kernel, stride, padding, groups, bias in [
    ((2, 3, 5, 4), (2, 3, 3, 3), (1, 1), (1, 1), 1, True),
    ((1, 2, 5, 7), (3, 2, 3, 2), (2, 1), (0, 1), 1, False),
    ((2, 3, 4, 5), (2, 3, 1, 1), (1, 1), (0, 0), 1, True),
    ((2, 3, 5, 5), (4, 3, 1, 1), (2, 2), (0, 0), 1, False),
    ((1, 4, 5, 4), (6, 2, 3, 3), (1, 1), (1, 1), 2, True),
    ((2, 3, 4, 4), (3, 1, 2, 2), (2, 2), (1, 0), 3, False),
    ((1, 1, 7, 7), (2, 1, 5, 5), (2, 2), (2, 2), 1, True),
    ((1, 2, 3, 3), (2, 2, 3, 3), (1, 1), (0, 0), 1, True),
    # Rows and columns that no window reaches.
    ((1, 1, 6, 7), (2, 1, 2, 2), (3, 4), (0, 0), 1, False),
]:
    inputs = [floats(*shape), floats(*kernel), *([floats(kernel[0])] if bias else [])]
    case("conv2d", *inputs, stride=list(stride), padding=list(padding), groups=groups)
for shape, kernel, stride, padding, dilation, groups, bias in [
    ((2, 2, 6, 5), (2, 2, 3, 2), (1, 1), (2, 1), (2, 2), 1, True),
    ((1, 2, 7, 9), (3, 2, 2, 3), (2, 1), (1, 0), (3, 2), 1, False),
    ((1, 4, 5, 5), (4, 2, 3, 3), (1, 1), (2, 2), (2, 2), 2, False),
    ((1, 3, 7, 6), (3, 1, 3, 2), (2, 2), (1, 0), (2, 3), 3, True),
]:
    inputs = [floats(*shape), floats(*kernel), *([floats(kernel[0])] if bias else [])]
    moves = dict(stride=list(stride), padding=list(padding), dilation=list(dilation), groups=groups)
    case("conv2d", *inputs, **moves)
for shape in [(5, 3), (2, 3, 3, 2), (3, 1, 1, 3)]:
    case("batch_norm_train", floats(*shape), floats(shape[1]), floats(shape[1]), epsilon=1e-5)
    statistics = [floats(shape[1]), floats(shape[1]), floats(shape[1]), positive(shape[1])]
    case("batch_norm", floats(*shape), *statistics, epsilon=1e-5)
case("batch_norm_train", floats(4, 2), floats(2), floats(2), epsilon=0.1)

# Pooling.
for shape, kernel, stride, padding in [
    ((2, 2, 5, 4), (3, 3), (2, 2), (1, 1)),
    ((1, 2, 4, 6), (2, 2), (2, 2), (0, 0)),
    ((1, 1, 5, 7), (2, 3), (1, 2), (1, 0)),
    ((1, 1, 5, 5), (2, 2), (3, 3), (0, 0)),
]:
    for op in ["max_pool2d", "avg_pool2d"]:
        case(op, floats(*shape), kernel=list(kernel), stride=list(stride), padding=list(padding))
case("avg_pool2d", floats(1, 1, 9, 10), kernel=[9, 9], stride=[2, 2], padding=[1, 1])
case("avg_pool2d", floats(1, 2, 8, 9), kernel=[8, 9], stride=[1, 1], padding=[0, 0])
case("adaptive_avg_pool2d", floats(1, 2, 5, 7), size=[2, 3])
case("adaptive_avg_pool2d", floats(1, 1, 2, 3), size=[3, 5])
case("adaptive_avg_pool2d", floats(2, 2, 3, 3), size=[1, 1])
case("global_avg_pool", floats(2, 3, 3, 5))

# Linear algebra.
case("solve_spd", definite(3, 3), floats(3, 2))
case("solve_spd", definite(2, 4, 4), floats(2, 4, 1))
case("solve_spd", definite(1, 1), floats(1, 3))
case("squared_distances", floats(3, 4), floats(5, 4))
case("squared_distances", floats(2, 3, 2), floats(2, 4, 2))
program("squared_distances of one matrix from itself", [step("squared_distances", 0, 0), step("exp", 1)], floats(3, 2))
for shape in [(3, 3), (2, 2, 2), (1, 1)]:
    for op in ["inv", "det", "slogdet", "pinv"]:
        case(op, spread(*shape))
    for op, own in [("cholesky", {}), ("eigvalsh", {}), ("eigh", {"part": "values"}), ("eigh", {"part": "vectors"})]:
        # Of one triangle alone, whose gradient PyTorch shares out among both.
        turned = step("transpose", 0, first=len(shape) - 2, second=len(shape) - 1)
        what = " ".join([op, *own.values()])
        program(f"{what} of symmetric {list(shape)}", [turned, step("add", 0, 1), step(op, 2, **own)], spread(*shape))
    for n in [2, 3, -2]:
        case("matrix_power", spread(*shape), n=n)
    for order in ["fro", "nuc", 2, 1, "inf"]:
        case("cond", spread(*shape), ord=order) if order in ("fro", "nuc", 1) else None
        case("matrix_norm", spread(*shape), ord=order)
for shape in [(3, 2), (2, 3), (2, 3, 3)]:
    for part in ["left", "values", "right", "whole"]:
        case("svd", apart(*shape), part=part)
    for part in ["left", "right"]:
        case("qr", apart(*shape), part=part)
    for op in ["svdvals", "pinv"]:
        case(op, apart(*shape))
    for order in ["nuc", -2, -1, "-inf"]:
        case("matrix_norm", apart(*shape), ord=order)
case("solve", spread(3, 3), floats(3, 2))
case("solve", spread(3, 3), floats(3))
case("solve", spread(2, 1, 2, 2), floats(3, 2, 1))
case("lstsq", apart(4, 2), floats(4, 3))
case("lstsq", apart(2, 2, 3), floats(2, 1))
for upper, left, unitriangular in [(False, True, False), (True, True, True), (True, False, False), (False, False, True)]:
    case("solve_triangular", spread(3, 3), floats(2, 3, 3), upper=upper, left=left, unitriangular=unitriangular)
case("dot", floats(5), floats(5))
case("outer", floats(3), floats(2))
case("mv", floats(3, 4), floats(4))
case("mm", floats(3, 4), floats(4, 2))
case("bmm", floats(2, 3, 4), floats(2, 4, 1))
case("matmul", floats(4), floats(4))
case("matmul", floats(4), floats(2, 4, 3))
case("matmul", floats(2, 3, 4), floats(4))
case("trace", floats(3, 4))
for equation, *shapes in [
    ("ij,jk->ik", (3, 4), (4, 2)),
    ("bij,bkj->kbi", (2, 3, 2), (2, 4, 2)),
    ("ii->i", (3, 3)),
    ("...i,i", (2, 3), (3,)),
    ("ij,jk,kl->li", (2, 3), (3, 2), (2, 2)),
    ("bn,anm,bm->ba", (2, 2), (2, 2, 3), (2, 3)),
]:
    case("einsum", *[floats(*shape) for shape in shapes], equation=equation)
case("cosine_similarity", floats(3, 4), floats(3, 4), dim=1)
case("cosine_similarity", floats(3, 2), floats(2), dim=0)
for p in [2, 1, 3, 1.5, "inf"]:
    case("cdist", floats(3, 2), floats(2, 2), p=p)
    case("cdist", floats(2, 2, 3), floats(3, 3), p=p)
for order in [1, 3, 1.5, 0.5, -1, 0, "inf", "-inf"]:
    for dim, keep in [(None, False), (0, True), (1, False)]:
        case("vector_norm", floats(3, 4), ord=order, dim=dim, keep=keep)
labels = given("int", [5], [0, 1, 2, 1, 0])
case("svm_dual", definite(5, 5), labels, orders=1, ways=3, c=0.1)
case("svm_dual", definite(5, 5), labels, orders=1, ways=3, c=5.0)

# Losses.
case("loss.cross_entropy", floats(5, 3), ints(5, high=2))
case("loss.cross_entropy", floats(1, 2), ints(1, high=1))
case("loss.nt_xent", floats(6, 3), views=2, temperature=0.5)
case("loss.nt_xent", floats(6, 4), views=3, temperature=0.2)

# Layers.
case("nn.linear", floats(3, 5), floats(2, 5), floats(2), names=["weight", "bias"])
case("nn.linear", floats(2, 3, 4), floats(1, 4), names=["weight"])
geometry = dict(stride=[2, 1], padding=[1, 0], groups=1)
case("nn.conv2d", floats(2, 2, 5, 4), floats(3, 2, 3, 2), floats(3), names=["weight", "bias"], **geometry)
case("nn.conv2d", floats(1, 4, 3, 3), floats(2, 2, 3, 3), names=["weight"], stride=[1, 1], padding=[1, 1], groups=2)
geometry = dict(stride=[1, 1], padding=[2, 0], dilation=[2, 3], groups=1)
case("nn.conv2d", floats(1, 2, 4, 5), floats(2, 2, 3, 2), names=["weight"], **geometry)
case("nn.batch_norm", floats(4, 3), floats(3), floats(3), names=["weight", "bias"])
case("nn.batch_norm", floats(2, 2, 3, 2), floats(2), floats(2), names=["weight", "bias"])
case("nn.batch_norm", floats(5, 2), names=[])
case("nn.relu", floats(3, 5), names=[])
case("nn.max_pool2d", floats(1, 2, 5, 5), names=[], kernel=[3, 3], stride=[2, 2], padding=[1, 1])
case("nn.avg_pool2d", floats(1, 2, 5, 5), names=[], kernel=[3, 2], stride=[2, 1], padding=[1, 0])
case("nn.global_avg_pool", floats(2, 2, 3, 3), names=[])
case("nn.flatten", floats(2, 3, 2), names=[])
case("nn.identity", floats(3, 2), names=[])
names = ["0.weight", "1.weight", "1.bias", "3.weight", "4.weight"]
parameters = [floats(4, 3), floats(4), floats(4), floats(2, 4), floats(2)]
case("nn.projector", floats(5, 3), *parameters, names=names, sizes=[3, 4, 2])

# Values that are used more than once, and several operations together.
program("a product with itself", [step("mul", 0, 0), step("mul", 1, 0)], floats(3, 2))
program("a residual block", [
    step("conv2d", 0, 1, stride=[1, 1], padding=[1, 1], groups=1),
    step("batch_norm_train", 5, 2, 3, epsilon=1e-5),
    step("relu", 6),
    step("conv2d", 7, 4, stride=[1, 1], padding=[1, 1], groups=1),
    step("add", 8, 0),
    step("tanh", 9),
    step("global_avg_pool", 10),
], floats(2, 2, 3, 3), floats(3, 2, 3, 3), floats(3), floats(3), floats(2, 3, 3, 3))
program("attention", [
    step("transpose", 1, first=0, second=1),
    step("matmul", 0, 3),
    step("softmax", 4, dim=1),
    step("matmul", 5, 2),
], floats(3, 2), floats(4, 2), floats(4, 3))

write(cases, pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else OUT)
