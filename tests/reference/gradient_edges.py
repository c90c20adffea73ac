#!/usr/bin/env python3
"""Writes tests/fixtures/gradient_edges.json: what PyTorch gives for values, first and second gradients where an
operation has an edge: where values meet, vanish, are on a bound or far out. A case is a program (`programs.py`).

    gradient_edges.py [OUT]        (needs torch)
"""

import pathlib
import sys

import torch

from edge_cases import INF, NAN, cases, edge
from programs import step, write

OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "gradient_edges.json"

LEVEL = [[2.0, 2.0, 2.0], [1.0, 2.0, 4.0], [0.0, 0.0, 0.0]]
for op in ["std", "var", "norm"]:
    biased = {} if op == "norm" else {"biased": False}
    edge(f"{op} of rows without spread", step(op, 0, dim=1, **biased), LEVEL)
    edge(f"{op} of zeros", step(op, 0, dim=None, **biased), [[0.0, 0.0], [0.0, 0.0]])
    edge(f"{op} of equal numbers", step(op, 0, dim=None, **biased), [3.0, 3.0, 3.0])
edge(
    "a collapsed run",
    [
        step("mean", 0, dim=0, keep=True),
        step("sub", 0, 1),
        step("std", 0, dim=0, keep=True, biased=False),
        step("add_scalar", 3, value=0.5),
        step("div", 2, 4),
    ],
    [[2.0, 1.0], [2.0, 5.0], [2.0, 3.0]],
)
edge("the square of a norm of zeros", [step("norm", 0, dim=1), step("mul", 1, 1)], [[0.0, 0.0], [3.0, 4.0]])
edge(
    "the variance from a std of equal numbers",
    [step("std", 0, dim=None, biased=False), step("mul", 1, 1)],
    [2.0, 2.0],
)

BASES = [0.0, 0.0, 0.0, 0.0, 2.0, -2.0, -2.0, 1.0, -1.0, 0.25]
EXPONENTS = [0.0, 1.0, 2.0, 3.0, 0.0, 3.0, 0.0, 5.0, 2.0, -0.5]
for base, exponent in zip(BASES, EXPONENTS):
    edge(f"{base:g} to the power of {exponent:g}", step("pow", 0, 1), [base], [exponent])
for exponent in [0.5, 1.5, -1.0]:
    edge(f"0 to the power of {exponent:g}", step("pow", 0, 1), [0.0], [exponent])
edge("powers of 0, broadcast", step("pow", 0, 1), [[0.0], [2.0]], [0.0, 1.0, 3.0])
for exponent in [0, 1, 2, 3, 0.5, -1, 1.5, 2.5]:
    edge(f"at 0 and 1 to the power of the number {exponent}", step("pow_scalar", 0, value=exponent), [0.0, 1.0])
edge("a constant 0 to a power", step("pow", 1, 0), [0.0, 1.0, 2.0], torch.tensor([0, 0, 0]))

ON = [-0.5, 1.0, 0.0, 2.0, -1.0, INF, -INF]
edge("clamp on its bounds", step("clamp", 0, min=-0.5, max=1), ON)
edge("clamp of one point", step("clamp", 0, min=1, max=1), ON)
edge("clamp from below, on its bound", step("clamp", 0, min=0, max=None), [0.0, -0.0, 1.0, -1.0])
edge("clamp of NaN", step("clamp", 0, min=-0.5, max=1), [NAN])
edge("clamp of a square on its bound", [step("mul", 0, 0), step("clamp", 1, min=0, max=4)], [0.0, 2.0, 1.0, 3.0])
for op in ["maximum", "minimum"]:
    edge(f"{op} of ties", step(op, 0, 1), [1.0, 2.0, 3.0, -0.0, INF], [1.0, 3.0, 2.0, 0.0, INF])
    edge(f"{op} of ties, broadcast", step(op, 0, 1), [[1.0, 2.0], [3.0, 1.0]], [[1.0], [3.0]])
    edge(f"{op} of a tensor and itself", [step(op, 0, 0), step("mul", 1, 1)], [1.0, -2.0])
    edge(f"{op} of ties of squares", [step("mul", 0, 0), step(op, 1, 1), step(op, 2, 0)], [1.0, 0.0, 2.0])
    edge(f"{op} with NaN", step(op, 0, 1), [NAN, 1.0], [1.0, NAN])
    short = op[:3]
    edge(f"{short} of ties", step(short, 0, dim=None), [[3.0, 1.0, 3.0], [1.0, 3.0, 1.0]])
    edge(f"{short} of ties along a dim", step(short, 0, dim=1), [[3.0, 1.0, 3.0], [2.0, 2.0, 2.0]])
    edge(f"{short} of ties along the first dim", step(short, 0, dim=0, keep=True), [[3.0, 1.0], [3.0, 1.0]])
    edge(f"{short} of tied squares", [step("mul", 0, 0), step(short, 1, dim=None)], [2.0, -2.0, 2.0])
    edge(f"{short} of tied squares along a dim", [step("mul", 0, 0), step(short, 1, dim=0)], [2.0, -2.0, 2.0])

for op, points in [
    ("abs", [0.0, -0.0, 1.0, -INF]),
    ("relu", [0.0, -0.0, 1.0, -INF]),
    ("sign", [0.0, -0.0, INF, -INF]),
    ("floor", [0.0, 1.0, -2.0]),
    ("ceil", [0.0, 1.0, -2.0]),
    ("round", [0.5, 1.5, -0.5, 2.5]),
    ("exp", [-INF, -200.0, 0.0]),
    ("log1p", [0.0, 1e-7]),
    ("tanh", [-INF, -50.0, 0.0, 50.0, INF]),
    ("sigmoid", [-200.0, -50.0, 0.0, 50.0, 200.0]),
    ("erf", [-50.0, 0.0, 50.0]),
    ("gelu", [-50.0, -10.0, 0.0, 10.0, 50.0]),
    ("sin", [0.0]),
    ("cos", [0.0]),
]:
    edge(f"{op} at its edges", step(op, 0), points)
for op, points in [("sqrt", [0.0, 1.0, INF]), ("log", [0.0, 1.0, INF]), ("log1p", [-1.0, INF]), ("relu", [INF])]:
    # One by one, since one infinity would hide how far off others are.
    for point in points:
        edge(f"{op} at {point:g}", step(op, 0), [point])
edge("the square of relu at 0", [step("relu", 0), step("mul", 1, 1)], [0.0, 1.0, -1.0])
edge("the square of abs at 0", [step("abs", 0), step("mul", 1, 1)], [0.0, 1.0, -1.0])
edge("sqrt of a square at 0", [step("mul", 0, 0), step("sqrt", 1)], [0.0])
edge("sqrt of a square beside a mask", [
    step("sqrt", 0),
    step("masked_fill", 2, 1, value=0),
], [0.0, 4.0], torch.tensor([True, False]))
edge("where around log of 0", [
    step("eq_scalar", 0, value=0),
    step("log", 0),
    step("where", 1, 0, 2),
], [0.0, 2.0])

edge("normalize of a row of zeros", step("normalize", 0, dim=1), [[0.0, 0.0]])
edge("normalize of zeros beside another column", step("normalize", 0, dim=0), [[0.0, 3.0], [0.0, 4.0]])
edge("normalize of a tiny row", step("normalize", 0, dim=1), [[1e-13, 0.0]])
edge("cosine of a row of zeros", [
    step("normalize", 0, dim=1),
    step("normalize", 1, dim=1),
    step("mul", 2, 3),
    step("sum", 4, dim=1),
], [[0.0, 0.0], [1.0, 2.0]], [[0.0, 1.0], [2.0, 1.0]])
ZEROS = [[1.5, 0.0, 2.0], [0.0, 3.0, 0.0], [-1.0, 2.0, 4.0], [0.0, -0.0, 0.0]]
for dim in [0, 1]:
    edge(f"cumprod with zeros along dim {dim}", step("cumprod", 0, dim=dim), ZEROS)
    edge(f"the square of cumprod with zeros along dim {dim}", [step("cumprod", 0, dim=dim), step("mul", 1, 1)], ZEROS)
    edge(f"prod with zeros along dim {dim}", step("prod", 0, dim=dim), ZEROS)
    edge(f"the square of prod with zeros along dim {dim}", [step("prod", 0, dim=dim), step("mul", 1, 1)], ZEROS)
edge("prod of all with a zero", step("prod", 0, dim=None), [[1.0, 0.0], [2.0, -3.0]])
for op in ["amax", "amin"]:
    edge(f"{op} of ties along a dim", step(op, 0, dim=1), [[3.0, 1.0, 3.0], [2.0, 2.0, 2.0]])
    edge(f"{op} of tied squares along dims", [step("mul", 0, 0), step(op, 1, dim=[0, 1])], [[2.0, -2.0], [2.0, 1.0]])
    edge(f"cum{op[1:]} of ties", step(f"cum{op[1:]}", 0, dim=0), [1.0, 2.0, 2.0, 1.0, 0.0, 1.0])
edge("median of ties", step("median", 0, dim=None), [2.0, 2.0, 1.0, 3.0, 2.0])
edge("sort of ties", step("sort", 0, dim=0, descending=True), [2.0, 1.0, 2.0, 1.0])
edge("logsumexp of hidden values", step("logsumexp", 0, dim=1), [[-INF, 1.0, 2.0], [-INF, -INF, 0.5]])
edge("logsumexp of large values", step("logsumexp", 0, dim=1), [[100.0, -100.0, 0.0], [80.0, 80.0, 79.0]])
edge("logcumsumexp of large values", step("logcumsumexp", 0, dim=1), [[100.0, -100.0, 0.0], [80.0, 80.0, 79.0]])
WINDOW = dict(kernel=[2, 2], stride=[1, 1], padding=[0, 0])
TIED = torch.tensor([[1.0, 1.0, 2.0], [1.0, 1.0, 2.0], [0.0, 2.0, 2.0]], dtype=torch.float64).reshape(1, 1, 3, 3)
edge("max_pool2d of ties", step("max_pool2d", 0, **WINDOW), TIED)
edge("max_pool2d of tied squares", [step("mul", 0, 0), step("max_pool2d", 1, **WINDOW)], TIED)
edge("max_pool2d of negatives with padding", step("max_pool2d", 0, kernel=[2, 2], stride=[2, 2], padding=[1, 1]), -TIED)
edge("batch_norm_train of a constant channel", step("batch_norm_train", 0, 1, 2, epsilon=1e-5),
     [[1.0, 2.0], [3.0, 2.0], [5.0, 2.0]], [1.5, 0.5], [0.1, 0.2])

LARGE = [[100.0, -100.0, 0.0], [1e30, 0.0, -1e30], [80.0, 80.0, 79.0]]
HIDDEN = [[-INF, 1.0, 2.0], [-INF, -INF, 0.5]]
for op in ["softmax", "log_softmax"]:
    edge(f"{op} of large values", step(op, 0, dim=1), LARGE)
edge("softmax of hidden values", step("softmax", 0, dim=1), HIDDEN)
edge("softmax of masked logits", [step("masked_fill", 0, 1, value=-1e30), step("softmax", 2, dim=1)],
     [[1.0, 2.0, 3.0]], torch.tensor([[True, False, False]]))
edge("cross-entropy of large logits", step("loss.cross_entropy", 0, 1), LARGE, torch.tensor([1, 0, 2]))

edge("div by 0", step("div", 0, 1), [1.0], [0.0])
edge("0 by 0", step("div", 0, 1), [0.0], [0.0])
edge("div by a large number", step("div", 0, 1), [1.0, 2.0], [1e15, 2.0])
edge("remainder of multiples", step("remainder", 0, 1), [4.0, -4.0, 0.0, 5.0], [2.0, 2.0, 3.0, -2.0])
edge("a distance of a row from itself", step("squared_distances", 0, 1), [[1.0, 2.0]], [[1.0, 2.0], [2.0, 0.5]])
edge("beside a detached copy", [step("detach", 0), step("sin", 1), step("mul", 0, 2)], [0.5, -1.0])
edge("what depends on no input", [step("detach", 0), step("add", 1, 1)], [1.0])

write(cases, pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else OUT)
