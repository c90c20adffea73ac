"""Writes tests/scripts/fixtures/linear_algebra.lua: what PyTorch computes, in float64, for products, factorisations, norms
and distances. Run `python3 tests/reference/linear_algebra.py` after adding a case; what a case is stands in cases.py.
Vectors of eigh and svd have signs of their own choice, so that only what does not depend on them is compared.
"""

import torch
import torch.nn.functional as F

from cases import INF, case, constant, edge, floats, ints, write

L = torch.linalg


def rounded(matrix):
    return torch.round(matrix * 1000) / 1000


def regular(*shape):
    """Square matrices that are far from singular."""
    return rounded(floats(*shape, low=-1, high=1) / 2 + 2 * torch.eye(shape[-1]))


def definite(*shape):
    """Symmetric positive definite matrices whose eigenvalues lie apart."""
    factor = floats(*shape, low=-0.5, high=0.5)
    return rounded(factor @ factor.mT + torch.diag(1 + torch.arange(shape[-1])) / 2)


def apart(*shape):
    """Matrices whose singular values lie apart."""
    diagonal = torch.zeros(shape[-2:], dtype=torch.float64)
    for i in range(min(shape[-2:])):
        diagonal[i, i] = 1 + i
    return rounded(floats(*shape, low=-0.4, high=0.4) + diagonal)


def conditioned(matrix, order):
    """torch.linalg.cond, which writes into what its own gradient needs."""
    return L.matrix_norm(matrix, order) * L.matrix_norm(L.inv(matrix), order)


# Products with vectors, and products by their names.
for left, right in [((5,), (5,)), ((3,), (3, 2)), ((3, 5), (5,)), ((2,), (3, 2, 4)), ((2, 3, 5), (5,)), ((1,), (1, 3)), ((2, 1, 3, 2), (2,))]:
    case("x:matmul(y)", torch.matmul, floats(*left), floats(*right))
case("x:dot(y)", torch.dot, floats(7), floats(7))
case("x:dot(y)", torch.dot, floats(1), floats(1))
constant("x:dot(y)", torch.dot, ints(5), ints(5))
case("x:outer(y)", torch.outer, floats(3), floats(5))
constant("x:outer(y)", torch.outer, ints(3), ints(2))
case("x:mv(y)", torch.mv, floats(3, 5), floats(5))
case("x:mm(y)", torch.mm, floats(3, 5), floats(5, 2))
case("x:bmm(y)", torch.bmm, floats(2, 3, 5), floats(2, 5, 1))
for shape in [(3, 3), (5, 2), (2, 5), (1, 1)]:
    case("x:trace()", torch.trace, floats(*shape))
constant("x:trace()", torch.trace, ints(4, 3))

# Sums of products.
for equation, *shapes in [
    ("ij,jk->ik", (3, 5), (5, 2)),
    ("ij,jk", (3, 5), (5, 2)),
    ("bij,bjk->bik", (2, 3, 5), (2, 5, 4)),
    ("bij,bjk->ki", (2, 3, 5), (2, 5, 4)),
    ("i,i->", (5,), (5,)),
    ("i,j->ij", (3,), (5,)),
    ("i,j->ji", (3,), (5,)),
    ("ij->ji", (3, 5)),
    ("ji", (3, 5)),
    ("ij->", (3, 5)),
    ("ij->j", (3, 5)),
    ("ii->i", (4, 4)),
    ("ii", (4, 4)),
    ("iji->j", (3, 2, 3)),
    ("iii->i", (3, 3, 3)),
    ("bii->b", (2, 3, 3)),
    ("...ij,...jk->...ik", (2, 3, 5), (5, 2)),
    ("...ij,...jk", (2, 1, 3, 2), (3, 2, 2)),
    ("i...j->j...i", (2, 3, 4)),
    ("...i,i->...", (2, 3, 4), (4,)),
    ("...,...->...", (2, 3), (3,)),
    ("i...,i...->...", (3, 2, 2), (3, 2)),
    ("bi,bj->bij", (2, 3), (2, 4)),
    ("bi,bi->b", (3, 5), (3, 5)),
    ("bhqd,bhkd->bhqk", (2, 2, 3, 2), (2, 2, 4, 2)),
    ("i,ij,j->", (3,), (3, 4), (4,)),
    ("ij,jk,kl->il", (2, 3), (3, 4), (4, 2)),
    ("ab,bc,ca->", (2, 3), (3, 4), (4, 2)),
    ("bn,anm,bm->ba", (2, 3), (5, 3, 4), (2, 4)),
    ("ij,ij,ij->ij", (2, 3), (2, 3), (2, 3)),
    ("ij,jk->ik", (3, 1), (5, 2)),
    ("ij,ij->ij", (3, 1), (1, 4)),
    ("ii,i->i", (3, 3), (1,)),
    ("Aa,aB", (2, 3), (3, 4)),
    (" i j , j k -> i k ", (2, 3), (3, 2)),
    (",ij->ij", (), (2, 3)),
    ("->", ()),
    ("ij,k->k", (2, 3), (4,)),
]:
    names = ", ".join("xyz"[: len(shapes)])
    case(f"mb.einsum('{equation}', {names})", lambda *given: torch.einsum(equation, *given), *[floats(*shape) for shape in shapes])

# Similarity and distances.
for left, right, dim in [((3, 5), (3, 5), -1), ((3, 5), (5,), -1), ((2, 3, 4), (2, 3, 4), 1), ((4,), (4,), 0), ((3, 1, 2), (2, 1), -2), ((5, 1), (5, 1), 1)]:
    text = "" if dim == -1 else f", {dim + 1 if dim >= 0 else dim}"
    case(f"x:cosine_similarity(y{text})", lambda x, y: F.cosine_similarity(x, y, dim=dim), floats(*left), floats(*right))
edge("of rows of zeros", "x:cosine_similarity(y)", lambda x, y: F.cosine_similarity(x, y, dim=-1), [[0.0, 0.0], [3.0, 4.0], [0.0, 0.0]], [[1.0, 2.0], [3.0, 4.0], [0.0, 0.0]])
edge("of tiny rows", "x:cosine_similarity(y)", lambda x, y: F.cosine_similarity(x, y, dim=-1), [[1e-3, 0.0], [0.0, 0.25]], [[1e-9, 1e-9], [3.0, 4.0]], gradient=False)
for p in [2, 1, 3, 0.5, 1.5, INF]:
    text = "" if p == 2 else f", {'math.huge' if p == INF else p}"
    for left, right in [((3, 5), (4, 5)), ((2, 3, 2), (2, 2, 2)), ((2, 1, 3, 2), (3, 4, 2)), ((1, 1), (1, 1)), ((2, 33), (3, 33))]:
        case(f"mb.linalg.cdist(x, y{text})", lambda x, y: torch.cdist(x, y, p=p), floats(*left), floats(*right))
    if p != INF:
        edge("of equal rows", f"mb.linalg.cdist(x, y{text})", lambda x, y: torch.cdist(x, y, p=p), [[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0], [1.0, 5.0]])

# Factorisations.
for shape in [(1, 1), (3, 3), (2, 4, 4), (2, 1, 2, 2), (9, 9)]:
    case("mb.linalg.cholesky(x)", L.cholesky, definite(*shape))
    case("mb.linalg.eigvalsh(x)", L.eigvalsh, definite(*shape))
    case("mb.linalg.eigh(x)", lambda x: L.eigh(x).eigenvalues, definite(*shape))
    case("select(2, mb.linalg.eigh(x)) ^ 2", lambda x: L.eigh(x).eigenvectors ** 2, definite(*shape))
    case(
        "(function(l, v) return (v * l:log():unsqueeze(-2)):matmul(v:transpose()) end)(mb.linalg.eigh(x))",
        lambda x: (lambda l, v: (v * l.log().unsqueeze(-2)) @ v.mT)(*L.eigh(x)),
        definite(*shape),
    )
for name in ["cholesky", "eigvalsh"]:
    case(f"mb.linalg.{name}(x)", getattr(L, name), rounded(definite(3, 3) + torch.triu(floats(3, 3), 1)), where="of what is not symmetric")
for shape in [(1, 1), (3, 3), (5, 2), (2, 5), (2, 4, 3), (2, 1, 3, 4), (1, 4), (9, 7)]:
    x = apart(*shape)
    case("mb.linalg.svdvals(x)", L.svdvals, x)
    case("select(2, mb.linalg.svd(x))", lambda x: L.svd(x, full_matrices=False).S, x)
    case("mb.linalg.svd(x) ^ 2", lambda x: L.svd(x, full_matrices=False).U ** 2, x)
    case("select(3, mb.linalg.svd(x)) ^ 2", lambda x: L.svd(x, full_matrices=False).Vh ** 2, x)
    case(
        "(function(u, s, v) return (u * s:sin():unsqueeze(-2)):matmul(v) end)(mb.linalg.svd(x))",
        lambda x: (lambda u, s, v: (u * s.sin().unsqueeze(-2)) @ v)(*L.svd(x, full_matrices=False)),
        x,
    )
    case("mb.linalg.qr(x)", lambda x: L.qr(x).Q, x)
    case("select(2, mb.linalg.qr(x))", lambda x: L.qr(x).R, x)
    case(
        "(function(q, r) return q:matmul(r:sin()) + q ^ 2 * r:sum() end)(mb.linalg.qr(x))" if shape[-2] >= shape[-1] else "(function(q, r) return q:matmul(r:sin()) end)(mb.linalg.qr(x))",
        lambda x: (lambda q, r: q @ r.sin() + (q**2 * r.sum() if shape[-2] >= shape[-1] else 0))(*L.qr(x)),
        x,
    )
    case("mb.linalg.pinv(x)", L.pinv, x)
    constant("mb.linalg.matrix_rank(x)", L.matrix_rank, x)
    case("mb.linalg.cond(x)", L.cond, x)
    case("mb.linalg.cond(x, {ord = -2})", lambda x: L.cond(x, -2), x)
case("mb.linalg.qr(x)", lambda x: L.qr(x).Q, -apart(4, 4), where="of negative diagonals")
case("select(2, mb.linalg.qr(x))", lambda x: L.qr(x).R, -apart(4, 4), where="of negative diagonals")
constant("select(2, mb.linalg.qr(x))", lambda x: L.qr(x).R, torch.tensor([[0.0, 1.0], [0.0, 2.0], [3.0, 0.5]], dtype=torch.float64), where="of a column that begins with 0")
constant("select(2, mb.linalg.qr(x))", lambda x: L.qr(x).R, torch.diag(torch.tensor([2.0, -3.0, 0.0], dtype=torch.float64)), where="of a diagonal matrix")
EQUAL = torch.diag(torch.tensor([2.0, 2.0, 1.0], dtype=torch.float64))
for name in ["eigvalsh", "svdvals", "pinv"]:
    case(f"mb.linalg.{name}(x):sum()", lambda x: getattr(L, name)(x).sum(), EQUAL, where="of equal values")
LOW = torch.tensor([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]], dtype=torch.float64)
case("mb.linalg.pinv(x)", L.pinv, LOW, where="of rank 1")
constant("mb.linalg.matrix_rank(x)", L.matrix_rank, LOW, where="of rank 1")
constant("mb.linalg.matrix_rank(x)", L.matrix_rank, torch.zeros(2, 3, dtype=torch.float64), where="of zeros")
constant("mb.linalg.matrix_rank(x, {rcond = 0.4})", lambda x: L.matrix_rank(x, rtol=0.4), apart(3, 3))
constant("mb.linalg.pinv(x, {rcond = 0.4})", lambda x: L.pinv(x, rtol=0.4), apart(4, 3))
case("mb.linalg.pinv(x)", L.pinv, torch.zeros(2, 3, dtype=torch.float64), where="of zeros")

# Systems.
for left, right in [((3, 3), (3, 2)), ((3, 3), (3,)), ((1, 1), (1, 3)), ((2, 4, 4), (2, 4, 1)), ((2, 4, 4), (2, 4)), ((2, 4, 4), (4, 3)), ((3, 3), (2, 3, 1)), ((2, 1, 2, 2), (3, 2, 2)), ((7, 7), (7, 5))]:
    case("mb.linalg.solve(x, y)", L.solve, regular(*left), floats(*right))
for left, right in [((3, 3), (3, 2)), ((1, 1), (1, 3)), ((2, 4, 4), (2, 4, 1)), ((2, 4, 4), (4, 3)), ((3, 3), (2, 3, 1)), ((7, 7), (7, 5))]:
    for upper in [False, True]:
        for side in [True, False]:
            for unit in [False, True]:
                fields = ", ".join(f"{name} = {str(value).lower()}" for name, value, default in [("upper", upper, False), ("left", side, True), ("unitriangular", unit, False)] if value != default)
                sides = floats(*right)
                case(
                    f"mb.linalg.solve_triangular(x, y{', {' + fields + '}' if fields else ''})",
                    lambda x, y: L.solve_triangular(x, y, upper=upper, left=side, unitriangular=unit),
                    regular(*left),
                    sides if side else sides.mT.contiguous(),
                )
for left, right in [((5, 3), (5, 2)), ((5, 3), (5,)), ((3, 5), (3, 2)), ((3, 3), (3, 1)), ((2, 4, 2), (2, 4, 3)), ((2, 4, 2), (2, 4)), ((2, 4, 2), (4, 3))]:
    case("mb.linalg.lstsq(x, y)", lambda x, y: L.pinv(x) @ y if y.dim() != 1 and y.shape != x.shape[:-1] else (L.pinv(x) @ y.unsqueeze(-1)).squeeze(-1), apart(*left), floats(*right))
case("mb.linalg.lstsq(x, y)", lambda x, y: L.pinv(x) @ y, LOW, floats(3, 2), where="of rank 1")
for shape in [(1, 1), (3, 3), (2, 4, 4), (2, 1, 2, 2)]:
    case("mb.linalg.inv(x)", L.inv, regular(*shape))
    case("mb.linalg.det(x)", L.det, regular(*shape))
    case("mb.linalg.det(x)", L.det, -regular(*shape), where=f"of negative ones {list(shape)}")
    constant("mb.linalg.slogdet(x)", lambda x: L.slogdet(x).sign, -regular(*shape))
    case("select(2, mb.linalg.slogdet(x))", lambda x: L.slogdet(x).logabsdet, regular(*shape))
    for power in [0, 1, 2, 3, 5, -1, -2]:
        case(f"mb.linalg.matrix_power(x, {power})", lambda x: L.matrix_power(x, power), regular(*shape) / 2)
SINGULAR = torch.tensor([[1.0, 2.0], [2.0, 4.0]], dtype=torch.float64)
constant("select(2, mb.linalg.slogdet(x))", lambda x: L.slogdet(x).logabsdet, SINGULAR, where="of a singular matrix")
constant("mb.linalg.slogdet(x)", lambda x: L.slogdet(x).sign.abs(), SINGULAR, where="of a singular matrix")
swapped = torch.eye(4, dtype=torch.float64)[[1, 2, 3, 0]]
constant("mb.linalg.det(x)", L.det, swapped, where="of a permutation")

# Norms.
for order in ["fro", "nuc", 2, -2, 1, -1, INF, -INF]:
    text = {INF: "math.huge", -INF: "-math.huge"}.get(order, f"'{order}'" if isinstance(order, str) else order)
    for shape in [(3, 3), (5, 2), (2, 3, 4), (1, 1), (2, 1, 4, 3)]:
        case(f"mb.linalg.matrix_norm(x, {{ord = {text}}})", lambda x: L.matrix_norm(x, order), apart(*shape))
    case(f"mb.linalg.matrix_norm(x, {{ord = {text}, keep = true}})", lambda x: L.matrix_norm(x, order, keepdim=True), apart(2, 3, 2))
    if order != -2 and order != "nuc" and order != 2:
        case(f"mb.linalg.matrix_norm(x, {{ord = {text}}})", lambda x: L.matrix_norm(x, order), torch.ones(2, 2, dtype=torch.float64), where="of ties")
    if order not in (2, -2):
        case(f"mb.linalg.cond(x, {{ord = {text}}})", lambda x: conditioned(x, order), regular(3, 3), where="of a square matrix")
case("mb.linalg.cond(x, {ord = 'fro'})", lambda x: conditioned(x, "fro"), regular(2, 3, 3))
case("mb.linalg.matrix_norm(x)", L.matrix_norm, torch.zeros(2, 3, dtype=torch.float64), where="of zeros")
for order in [2, 1, 0, 3, 0.5, 1.5, -1, 4, INF, -INF]:
    text = {INF: "math.huge", -INF: "-math.huge"}.get(order, order)
    case(f"mb.linalg.vector_norm(x, {{ord = {text}}})", lambda x: L.vector_norm(x, order), floats(3, 5))
    case(f"mb.linalg.vector_norm(x, {{ord = {text}}})", lambda x: L.vector_norm(x, order), floats())
    case(f"mb.linalg.vector_norm(x, {{ord = {text}, dim = 2}})", lambda x: L.vector_norm(x, order, dim=1), floats(2, 5, 2))
    case(f"mb.linalg.vector_norm(x, {{ord = {text}, dim = -1, keep = true}})", lambda x: L.vector_norm(x, order, dim=-1, keepdim=True), floats(2, 3))
    case(f"mb.linalg.vector_norm(x, {{ord = {text}, keep = true}})", lambda x: L.vector_norm(x, order, keepdim=True), floats(2, 3))
    edge("of zeros", f"mb.linalg.vector_norm(x, {{ord = {text}, dim = 2}})", lambda x: L.vector_norm(x, order, dim=1), [[0.0, 0.0, 0.0], [3.0, 0.0, -4.0]], gradient=order >= 0)
    if order > 0:
        edge("of ties", f"mb.linalg.vector_norm(x, {{ord = {text}}})", lambda x: L.vector_norm(x, order), [2.0, -2.0, 1.0])
        edge("of large numbers", f"mb.linalg.vector_norm(x, {{ord = {text}}})", lambda x: L.vector_norm(x / 1e20, order) * 1e20, [3e20, 4e20], gradient=False)
case("mb.linalg.vector_norm(x)", L.vector_norm, floats(2, 3))

write(__file__)
