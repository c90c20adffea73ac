"""Writes tests/scripts/fixtures/heads.lua: losses and gradients of the heads, in float64.

Rows are L2-normalised first. Episodes are view-major: the support's first views of all classes, its second views, …,
then the query's; a second task follows the first whole, and the loss is the mean over tasks. Class of a row: row mod
ways. A temperature divides the logits; a scale and a bias come after it. The gradients are PyTorch's; the SVM's are
finite differences through its QP, compared here with the differentiated KKT conditions.
Run `python3 tests/reference/heads.py` after adding a case. Needs: torch, numpy, cvxopt.
"""

import itertools
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from cvxopt import matrix, solvers, spmatrix

OUT = pathlib.Path(__file__).parent.parent / "scripts" / "fixtures" / "heads.lua"
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
solvers.options.update(show_progress=False, abstol=1e-12, reltol=1e-12, feastol=1e-12, maxiters=100)


def ramp(rows, cols, a=0.7, b=1.3, c=0.1):
    i, j = torch.arange(rows)[:, None], torch.arange(cols)[None]
    return torch.sin(a * i + b * j + c * i * j)


def split(z, ways, shots):
    """The unit rows of one task and their classes."""
    support, query = F.normalize(z, dim=1).split([ways * shots, z.shape[0] - ways * shots])
    return support, query, torch.arange(len(support)) % ways, torch.arange(len(query)) % ways


# The heads: one task's logits [queries·ways, ways].


def prototypes(z, ways, shots, temperature):
    s, q, _, _ = split(z, ways, shots)
    return -(q[:, None] - s.reshape(shots, ways, -1).mean(0)).square().sum(2) / temperature


def ridge(z, ways, shots, temperature, scale=1.0, bias=0.0, **options):
    s, q, ys, _ = split(z, ways, shots)
    gram = s @ s.T + options["lambda"] * torch.eye(len(s))
    w = s.T @ torch.linalg.solve(gram, F.one_hot(ys, ways).to(z.dtype))
    return scale * (q @ w / temperature) + bias


def svm(z, ways, shots, temperature, C, free=None):
    s, q, ys, _ = split(z, ways, shots)
    return q @ (s.T @ alpha_on(s, ys, ways, C, active_set(s, ys, ways, C) if free is None else free)) / temperature


# Crammer–Singer's dual in b = C·onehot − alpha, of which each row lies on the simplex of sum C.


def active_set(x, y, ways, C):
    """Which b are above 0 in cvxopt's solution of the QP."""
    n, onehot = len(x), F.one_hot(y, ways).numpy().astype(float)
    solution = solvers.qp(
        matrix(np.kron((x @ x.T).detach().numpy(), np.eye(ways))),
        matrix(-onehot.flatten()),
        spmatrix(1.0, range(n * ways), range(n * ways)),
        matrix(C * onehot.flatten()),
        spmatrix(1.0, [i // ways for i in range(n * ways)], range(n * ways)),
        matrix(np.zeros(n)),
    )
    assert solution["gap"] < 1e-8, solution
    b = C * onehot - np.array(solution["x"]).reshape(n, ways)
    return torch.from_numpy(b > 1e-5 * C)


def alpha_on(x, y, ways, C, free):
    """The solution whose b above 0 are known: it satisfies the KKT conditions as a linear system, to rounding."""
    n, onehot = len(x), F.one_hot(y, ways).to(x.dtype)
    row, _ = free.nonzero(as_tuple=True)
    column = free.flatten().nonzero().flatten()
    hessian = torch.kron(x @ x.T, torch.eye(ways))
    rows = F.one_hot(row, n).to(x.dtype)
    left = torch.cat([torch.cat([hessian[column][:, column], rows], 1), torch.cat([rows.T, torch.zeros(n, n)], 1)])
    right = torch.cat([(hessian[column] @ (C * onehot).flatten()) - onehot.flatten()[column], torch.full((n,), C)])
    b = torch.linalg.solve(left, right)[: len(column)]
    return C * onehot - torch.zeros(n * ways).index_put((column,), b).reshape(n, ways)


def onto_simplex(v, total):
    """The nearest point of {b ≥ 0, sum b = total} to each row."""
    u = v.sort(dim=1, descending=True).values
    t = (u.cumsum(1) - total) / torch.arange(1, v.shape[1] + 1)
    return (v - t.gather(1, (u > t).sum(1, keepdim=True) - 1)).clamp(min=0)


def svm_margins(x, y, ways, C):
    """The free set, the KKT residual, and how far the solution is from another active set."""
    free, onehot = active_set(x, y, ways, C), F.one_hot(y, ways)
    alpha = alpha_on(x, y, ways, C, free)
    slope = x @ (x.T @ alpha) - onehot
    b = C * onehot - alpha
    residual = (b - onto_simplex(b + slope, C)).abs().max().item()
    level = (slope * free).sum(1, keepdim=True) / free.sum(1, keepdim=True)
    above = torch.where(free, torch.inf, level - slope).min().item()
    return free, residual, min(b[free].min().item() / C, above)


# Losses over tasks.


def mean_loss(head, z, ways, tasks, shots, **options):
    logits = [head(part, ways, shots, **options) for part in z.chunk(tasks)]
    return torch.stack([F.cross_entropy(l, torch.arange(len(l)) % ways) for l in logits]).mean(), torch.cat(logits)


def nt_xent(z, views, temperature):
    z = F.normalize(z, dim=1)
    n = len(z)
    logp = (z @ z.T / temperature).masked_fill(torch.eye(n, dtype=torch.bool), -1e9).log_softmax(1)
    return -torch.stack([logp[i, (i + k * n // views) % n] for i in range(n) for k in range(1, views)]).mean()


def byol(z, target, views):
    online, target = z.chunk(views), target.detach().chunk(views)
    pairs = itertools.permutations(range(views), 2)
    return torch.stack([(2 - 2 * F.cosine_similarity(online[a], target[b], dim=1)).mean() for a, b in pairs]).mean()


def differences(f, z, step):
    """Central differences of f, extrapolated from step and 2·step (Richardson): the error is of order step⁴."""
    grad = torch.zeros_like(z)
    for i in itertools.product(*map(range, z.shape)):
        moved = torch.zeros_like(z)
        moved[i] = step
        near, far = ((f(z + k * moved) - f(z - k * moved)) / (2 * k * step) for k in (1, 2))
        grad[i] = (4 * near - far) / 3
    return grad


# Writing.


def lua(value):
    if isinstance(value, torch.Tensor):
        return lua(value.detach().tolist())
    if isinstance(value, dict):
        return "{" + ",".join(f"{k}={lua(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "{" + ",".join(map(lua, value)) + "}"
    if isinstance(value, str):
        return f'"{value}"'
    text = f"{value:.9g}" if isinstance(value, float) else str(value)
    return text if isinstance(value, int) or any(mark in text for mark in ".e") else text + ".0"


sections = {"nt_xent": [], "prototypes": [], "ridge": [], "byol": [], "svm": []}


def title(ways, shots, queries, d, tasks, options):
    return f"{tasks} task{'s' * (tasks > 1)} of {ways} ways, {shots} shots, {queries} queries, d {d}, {lua(options)}"


def gradients(f, z, **others):
    """The loss and its gradients with respect to z and to the other inputs."""
    given = {k: torch.as_tensor(v).clone().requires_grad_() for k, v in {"z": z, **others}.items()}
    loss = f(**given)
    found = dict(zip(given, torch.autograd.grad(loss, list(given.values()))))
    return {"loss": loss.item(), "grad": found.pop("z"), **{f"{k}_grad": v for k, v in found.items()}}


def episode_case(section, head, options, ways, shots, z, tasks=1, note="", **learned):
    queries = len(z) // tasks // ways - shots
    name = title(ways, shots, queries, z.shape[1], tasks, options) + note
    found = gradients(lambda z, **more: mean_loss(head, z, ways, tasks, shots, **options, **more)[0], z, **learned)
    logits = mean_loss(head, z, ways, tasks, shots, **options, **{k: torch.as_tensor(v) for k, v in learned.items()})[1]
    sections[section].append(
        {"name": name, "options": options, "ways": ways, "shots": shots, "queries": queries, "tasks": tasks, "z": z}
        | learned
        | {"logits": logits, **found}
    )


def view_case(section, f, options, z, note, **data):
    views = options["views"]
    name = f"{views} views of {len(z) // views} images, {lua(options)}, {note}"
    found = gradients(lambda z: f(z, **options, **data), z)
    sections[section].append({"name": name, "options": options, "ways": len(z) // views, "z": z, **data, **found})


def svm_case(seed, ways, shots, queries, d, C, temperature, tasks=1):
    """A seed is good if single precision and the differences' steps leave the active set as it is."""
    rows, step = tasks * ways * (shots + queries), 1e-4
    z = torch.randn(rows, d, generator=torch.Generator().manual_seed(seed)).mul(1000).round() / 1000
    parts = [split(part, ways, shots) for part in z.chunk(tasks)]
    margins = [svm_margins(s, ys, ways, C) for s, _, ys, _ in parts]
    moving = sum((free.sum() - len(free)).item() for free, _, _ in margins)
    residual, margin = max(m[1] for m in margins), min(m[2] for m in margins)
    assert residual < 1e-12 and margin > 0.01, f"another seed than {seed}: {residual}, {margin}"

    def loss(z, known=[None] * tasks):
        losses = [
            F.cross_entropy(svm(part, ways, shots, temperature, C, free), torch.arange(ways * queries) % ways)
            for part, free in zip(z.chunk(tasks), known)
        ]
        return torch.stack(losses).mean()

    grad, check = differences(loss, z, step), differences(loss, z, step / 2)
    exact = gradients(lambda z: loss(z, [free for free, _, _ in margins]), z)["grad"]
    spread, gap = (grad - check).abs().max().item(), (grad - exact).abs().max().item()
    assert max(spread, gap) < 1e-8 * max(1, grad.abs().max().item()), (spread, gap)
    options = {"C": C, "temperature": temperature}
    value, logits = mean_loss(svm, z, ways, tasks, shots, **options)
    sections["svm"].append(
        {
            "name": title(ways, shots, queries, d, tasks, options), "options": options,
            "ways": ways, "shots": shots, "queries": queries, "tasks": tasks,
            "z": z, "logits": logits, "loss": value.item(), "grad": grad,
        }
    )  # fmt: skip
    print(f"svm {sections['svm'][-1]['name']}: {moving} degrees of freedom, KKT residual {residual:.1e}, "
          f"margin {margin:.3f}, gradient up to {grad.abs().max():.3f}, "
          f"other step {spread:.1e}, KKT derivative {gap:.1e}")  # fmt: skip


for seed in range(3):
    k, note = 0.1 + 0.013 * seed, f"seed {seed}"
    z8, z12 = ramp(8, 5, c=k), ramp(12, 7, a=0.9, c=k)
    for views, temperature, z in [(2, 0.1, z8), (2, 0.5, z8), (3, 0.2, z12)]:
        view_case("nt_xent", nt_xent, {"views": views, "temperature": temperature}, z, note)
    few = [(4, 1, 0.1, z8), (4, 1, 0.5, z8), (2, 3, 0.5, z8), (2, 1, 0.5, z8), (4, 2, 0.2, z12)]
    for ways, shots, temperature, z in few:
        episode_case("prototypes", prototypes, {"temperature": temperature}, ways, shots, z, note=f", {note}")
    few = [(4, 1, 5.0, 1.0, z8), (4, 1, 0.1, 0.1, z8), (2, 3, 1.0, 0.5, z8), (4, 2, 0.5, 0.2, z12)]
    for ways, shots, lam, temperature, z in few:
        episode_case("ridge", ridge, {"lambda": lam, "temperature": temperature}, ways, shots, z, note=f", {note}")
    for views, z in [(2, z8), (3, z12)]:
        view_case("byol", byol, {"views": views}, z, note, target=ramp(*z.shape, a=0.3, b=0.8, c=k))

for d in (4, 16):  # 10 support rows: a ridge of either side
    z = ramp(25, d, c=0.17)
    episode_case("prototypes", prototypes, {"temperature": 0.2}, 5, 2, z)
    episode_case("ridge", ridge, {"lambda": 0.3, "temperature": 0.2}, 5, 2, z)
two = ramp(24, 6, c=0.19)
episode_case("prototypes", prototypes, {"temperature": 0.3}, 3, 2, two, tasks=2)
episode_case("ridge", ridge, {"lambda": 0.7, "temperature": 0.5}, 3, 2, two, tasks=2)
for bias in (0.3, [0.4, -0.2, 0.1]):
    options, note = {"lambda": 1.0, "temperature": 0.5}, f", learned scale and bias {lua(bias)}"
    episode_case("ridge", ridge, options, 3, 2, two[:12], note=note, scale=2.5, bias=bias)

svm_case(3, 4, 1, 1, 6, 0.1, 1.0)
svm_case(5, 5, 1, 2, 8, 0.1, 0.2)
svm_case(0, 3, 4, 2, 5, 0.1, 0.2)
svm_case(0, 3, 4, 2, 5, 1.0, 1.0)
svm_case(7875, 5, 5, 1, 16, 0.1, 1.0)
svm_case(0, 2, 3, 3, 7, 0.1, 0.2)
svm_case(0, 2, 3, 3, 7, 1.0, 1.0)
svm_case(0, 3, 2, 2, 6, 0.1, 0.2, tasks=2)

names = [(section, case["name"]) for section, cases in sections.items() for case in cases]
assert len(set(names)) == len(names), sorted(name for name in names if names.count(name) > 1)
text = "".join(f"{section}={{\n" + ",\n".join(map(lua, cases)) + "\n},\n" for section, cases in sections.items())
OUT.write_text("-- Generated by tests/reference/heads.py. Do not edit.\nreturn {\n" + text + "}\n")
print(f"{len(names)} cases, {OUT.stat().st_size} bytes")
