#!/usr/bin/env python3
"""Writes tests/fixtures/loss_gradients.json and loss_edges.json: values, first and second gradients of every loss, computed
with PyTorch in float64 (`loss_operations.py`), the first also as central differences.

    loss_gradients.py [FOLDER]        (needs torch)
"""

import math
import pathlib
import sys

import torch

from edge_cases import INF, edge
from edge_cases import cases as edges
from programs import step, write
from smooth_cases import bools, case, cases, floats, given, ints, positive, program

FOLDER = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / "fixtures"
REDUCTIONS = ["mean", "sum", "none"]


def signs(*shape):
    """1 and −1 by turns of 2, as ints."""
    values = [1 if place % 3 else -1 for place in range(math.prod(shape))]
    return given("int", shape, values)


def probabilities(*shape, low=0.05, high=0.95):
    return floats(*shape, low=low, high=high)


# Numbers. Sizes are odd, and there is a scalar, one element, and a dim of 1.
SHAPES = [(3, 5), (1,), (), (2, 1, 3)]
for shape in SHAPES:
    for reduction in REDUCTIONS:
        case("loss.mse", floats(*shape), floats(*shape), reduction=reduction)
        case("loss.l1", floats(*shape), floats(*shape), reduction=reduction)
        case("loss.huber", floats(*shape), floats(*shape), delta=0.7, reduction=reduction)
        case("loss.smooth_l1", floats(*shape), floats(*shape), beta=0.7, reduction=reduction)
case("loss.huber", floats(3, 5), floats(3, 5), delta=1.0)
case("loss.smooth_l1", floats(3, 5), floats(3, 5), beta=0.0)

# Truth values.
for reduction in REDUCTIONS:
    case("loss.bce_with_logits", floats(3, 5), bools(3, 5), names=[], reduction=reduction)
    case("loss.bce", probabilities(3, 5), bools(3, 5), names=[], reduction=reduction)
    case("loss.focal", floats(3, 5), bools(3, 5), alpha=0.25, gamma=2.0, reduction=reduction)
case("loss.bce_with_logits", floats(3, 5), probabilities(3, 5), positive(5), names=["pos_weight"], reduction="mean")
case("loss.bce_with_logits", floats(3, 5), bools(3, 5), positive(3, 1), positive(5), names=["weight", "pos_weight"], reduction="sum")
case("loss.bce_with_logits", floats(), bools(), names=[], reduction="mean")
case("loss.bce", probabilities(3, 5), probabilities(3, 5), positive(3, 1), names=["weight"], reduction="mean")
for alpha, gamma in [(-1.0, 2.0), (0.6, 1.5), (0.25, 0.0), (0.25, 1.0)]:
    case("loss.focal", floats(7), bools(7), alpha=alpha, gamma=gamma, reduction="mean")

# Classes.
for reduction in REDUCTIONS:
    case("loss.cross_entropy", floats(5, 3), ints(5, high=2), names=[], reduction=reduction)
    for options in [{}, {"label_smoothing": 0.1}, {"ignore_index": 1}, {"label_smoothing": 0.3, "ignore_index": 2}]:
        case("loss.cross_entropy", floats(7, 4), ints(7, high=3), positive(4), names=["weight"], **options, reduction=reduction)
        case("loss.cross_entropy", floats(2, 3, 5), ints(2, 5, high=2), names=[], **options, reduction=reduction)
    case("loss.cross_entropy", floats(2, 3, 2, 1), ints(2, 2, 1, high=2), names=[], reduction=reduction)
    case("loss.cross_entropy", floats(5, 3), probabilities(5, 3), names=[], reduction=reduction)
    case("loss.cross_entropy", floats(2, 3, 4), probabilities(2, 3, 4), positive(3), names=["weight"], label_smoothing=0.2, reduction=reduction)
    case("loss.nll", floats(5, 3), ints(5, high=2), names=[], reduction=reduction)
    case("loss.nll", floats(2, 4, 3), ints(2, 3, high=3), positive(4), names=["weight"], ignore_index=0, reduction=reduction)
    case("loss.multi_margin", floats(5, 3), ints(5, high=2), names=[], p=1, margin=1.0, reduction=reduction)
    case("loss.multi_margin", floats(5, 3), ints(5, high=2), positive(3), names=["weight"], p=2, margin=0.7, reduction=reduction)
case("loss.cross_entropy", floats(1, 2), ints(1, high=1), names=[])
case("loss.nll", floats(3, 1), ints(3, high=0), names=[])
for reduction in [*REDUCTIONS, "batchmean"]:
    case("loss.kl_div", floats(3, 5), probabilities(3, 5), log_target=False, reduction=reduction)
    case("loss.kl_div", floats(2, 3, 1), floats(2, 3, 1), log_target=True, reduction=reduction)

# Signs.
for reduction in REDUCTIONS:
    case("loss.margin_ranking", floats(3, 5), floats(3, 5), signs(3, 5), margin=0.3, reduction=reduction)
    case("loss.hinge", floats(3, 5), signs(3, 5), margin=1.0, reduction=reduction)
    case("loss.hinge_embedding", positive(7), signs(7), margin=1.3, reduction=reduction)
    case("loss.cosine_embedding", floats(7, 3), floats(7, 3), signs(7), margin=0.1, reduction=reduction)
    case("loss.negative_cosine_similarity", floats(2, 3, 5), floats(2, 3, 5), reduction=reduction)
    case("loss.triplet_margin", floats(5, 3), floats(5, 3), floats(5, 3), reduction=reduction)
    case("loss.triplet_margin", floats(5, 3), floats(5, 3), floats(5, 3), margin=2.0, swap=True, p=1.0, reduction=reduction)
case("loss.cosine_embedding", floats(3), floats(3), given("int", (), [1]), margin=0.0, reduction="mean")
case("loss.triplet_margin", floats(7), floats(7), floats(7), p=3.0, margin=3.0, reduction="mean")

# Embeddings.
LABELS = given("int", (7,), [2, 0, 2, 1, 0, 2, 3])
for mining in ["hard", "semi_hard", "all"]:
    for margin in [0.4, 2.0]:
        case("loss.triplet", floats(7, 3), LABELS, mining=mining, margin=margin)
    case("loss.triplet", floats(7, 2, low=-1.0, high=1.0), LABELS, mining=mining, margin=1.0, squared=True)
case("loss.supervised_contrastive", floats(7, 3), LABELS, temperature=0.5)
case("loss.supervised_contrastive", floats(6, 5), given("int", (3,), [4, 9, 4]), temperature=0.1)
case("loss.supervised_contrastive", floats(6, 5), given("int", (6,), [1, 1, 1, 1, 1, 1]), temperature=1.0)
for rows, width in [(5, 3), (2, 1), (3, 7)]:
    case("loss.vicreg", floats(rows, width), floats(rows, width))
case("loss.vicreg", floats(5, 3), floats(5, 3), invariance=2.0, variance=0.5, covariance=3.0, gamma=1.7, epsilon=0.01)
case("loss.vicreg_terms", floats(5, 3), floats(5, 3))
# No gradient flows into a teacher or a center: they are ints, which have none.
DINO = dict(temperature=0.4, teacher_temperature=2.0)
case("loss.dino", floats(6, 5), ints(6, 5, low=-2, high=2), names=[], crops=2, teacher_crops=2, **DINO)
case("loss.dino", floats(15, 4), ints(6, 4, low=-2, high=2), ints(4), names=["center"], crops=5, teacher_crops=2, **DINO)
case("loss.dino", floats(3, 4), ints(1, 4, low=-2, high=2), ints(1, 4), names=["center"], crops=3, teacher_crops=1, **DINO)
for rows, width, temperature in [(6, 3, 0.5), (4, 5, 0.1), (10, 2, 1.0)]:
    case("loss.dcl", floats(rows, width), temperature=temperature)
    case("loss.dclw", floats(rows, width), temperature=temperature, sigma=0.5)
for alpha in [2.0, 1.0, 3.5]:
    case("loss.alignment", floats(5, 3), floats(5, 3), alpha=alpha)
for t in [2.0, 0.3]:
    case("loss.uniformity", floats(5, 3), t=t)
case("loss.uniformity", floats(2, 3), t=2.0)
program("a weighed sum of two losses", [
    step("loss.cross_entropy", 0, 2, names=[]),
    step("loss.mse", 0, 1),
    step("mul_scalar", 4, value=0.5),
    step("add", 3, 5),
], floats(5, 3), floats(5, 3), ints(5, high=2))

# Edges: values far out, none at all, all that is left out, what is sure.
FAR = [[1e4, -1e4, 0.0], [-1e4, 1e4, 80.0]]
TRUTHS = torch.tensor([[True, True, False], [False, False, True]])
LABELS = torch.tensor([1, 0])
for reduction in REDUCTIONS:
    edge(f"bce_with_logits far out, {reduction}", step("loss.bce_with_logits", 0, 1, names=[], reduction=reduction), FAR, TRUTHS)
    edge(f"cross_entropy far out, {reduction}", step("loss.cross_entropy", 0, 1, names=[], reduction=reduction), FAR, LABELS)
edge("cross_entropy far out, smoothed", step("loss.cross_entropy", 0, 1, names=[], label_smoothing=0.1), FAR, LABELS)
edge("cross_entropy of probabilities far out", step("loss.cross_entropy", 0, 1, names=[]), FAR, [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])
edge("focal far out", step("loss.focal", 0, 1, alpha=0.25, gamma=2.0), FAR, TRUTHS)
edge("huber far out", step("loss.huber", 0, 1, delta=1.0), FAR, [[0.0, 0.0, 0.0], [-1e4, 1e4, 1.0]])
edge("supervised_contrastive, sharp", step("loss.supervised_contrastive", 0, 1, temperature=0.001), [[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], torch.tensor([0, 1, 0]))
edge("dcl, sharp", step("loss.dcl", 0, temperature=0.001), [[1.0, 0.0], [0.0, 1.0], [0.6, 0.8], [0.8, -0.6]])
edge("vicreg of a collapse", step("loss.vicreg", 0, 1), [[2.0, 1.0]] * 3, [[0.5, 1.0]] * 3)
edge("bce of 0 and 1", step("loss.bce", 0, 1, names=[], reduction="none"), [0.0, 0.0, 1.0, 1.0, 0.5], torch.tensor([True, False, True, False, True]))
edge("nothing is left in", step("loss.cross_entropy", 0, 1, names=[], ignore_index=1), [[1.0, 2.0]], torch.tensor([1]))
edge("nothing is left in, a sum", step("loss.cross_entropy", 0, 1, names=[], ignore_index=1, reduction="sum"), [[1.0, 2.0]], torch.tensor([1]))
edge("nll of what is impossible elsewhere", step("loss.nll", 0, 1, names=[], reduction="none"), [[0.0, -INF], [-INF, 0.0]], torch.tensor([0, 1]))
NONE = torch.zeros(0, 3, dtype=torch.float64)
for reduction in REDUCTIONS:
    for op in ["mse", "l1"]:
        edge(f"{op} of nothing, {reduction}", step(f"loss.{op}", 0, 1, reduction=reduction), NONE, NONE)
    edge(f"huber of nothing, {reduction}", step("loss.huber", 0, 1, delta=1.0, reduction=reduction), NONE, NONE)
    edge(f"bce_with_logits of nothing, {reduction}", step("loss.bce_with_logits", 0, 1, names=[], reduction=reduction), NONE, NONE > 0)
    edge(f"cross_entropy of nothing, {reduction}", step("loss.cross_entropy", 0, 1, names=[], reduction=reduction), NONE, torch.zeros(0, dtype=torch.int64))
edge("kl_div of what never happens", step("loss.kl_div", 0, 1, log_target=False, reduction="none"), [[0.5, -1.0]], torch.tensor([[1.0, 0.5]], dtype=torch.float64))
edge("triplets of no positive", step("loss.triplet", 0, 1, mining="hard", margin=1.0), [[1.0, 2.0], [0.5, 1.0]], torch.tensor([0, 1]))
edge("triplets of no negative", step("loss.triplet", 0, 1, mining="all", margin=1.0), [[1.0, 2.0], [0.5, 1.0]], torch.tensor([1, 1]))
edge("classes of one row each", step("loss.supervised_contrastive", 0, 1, temperature=0.5), [[1.0, 2.0], [0.5, 1.0]], torch.tensor([0, 1]))

write(cases, FOLDER / "loss_gradients.json")
write(edges, FOLDER / "loss_edges.json")
