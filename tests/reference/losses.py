"""Writes tests/scripts/fixtures/losses.lua: losses of two views and their gradients, in float64.

Each loss is its paper's pseudo-code, as literally as PyTorch allows: MoCo's Algorithm 1, Barlow Twins' Algorithm 1 with
the batch norm of its official code (biased variance, which makes it equation 2; ε 0 here), SimSiam's Algorithm 1, and
SwAV's appendix A with the official code's mean over rows. The gradients are PyTorch's, zeros where it stops them.
Run `python3 tests/reference/losses.py` after adding a case. Needs: torch.
"""

import pathlib

import torch
import torch.nn.functional as F

OUT = pathlib.Path(__file__).parent.parent / "scripts" / "fixtures" / "losses.lua"
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
generator = torch.Generator().manual_seed(0)


def info_nce(query, key, queue, temperature):
    q, k, queue = F.normalize(query, dim=1), F.normalize(key, dim=1).detach(), F.normalize(queue, dim=1).detach()
    N, C = q.shape
    l_pos = torch.bmm(q.view(N, 1, C), k.view(N, C, 1)).view(N, 1)
    l_neg = torch.mm(q.view(N, C), queue.T.view(C, -1))
    logits = torch.cat([l_pos, l_neg], dim=1)
    return F.cross_entropy(logits / temperature, torch.zeros(N, dtype=torch.long))


def barlow_twins(a, b, lambd):
    N, D = a.shape
    z_a_norm = (a - a.mean(0)) / a.std(0, unbiased=False)
    z_b_norm = (b - b.mean(0)) / b.std(0, unbiased=False)
    c = torch.mm(z_a_norm.T, z_b_norm) / N
    c_diff = (c - torch.eye(D)).pow(2)
    off_diagonal = ~torch.eye(D, dtype=torch.bool)
    c_diff[off_diagonal] *= lambd
    return c_diff.sum()


def simsiam(p1, p2, z1, z2):
    def D(p, z):
        z = z.detach()
        p = F.normalize(p, dim=1)
        z = F.normalize(z, dim=1)
        return -(p * z).sum(dim=1).mean()

    return D(p1, z2) / 2 + D(p2, z1) / 2


def sinkhorn(scores, eps, niters):
    Q = torch.exp(scores / eps).T
    Q /= Q.sum()
    K, B = Q.shape
    r, c = torch.ones(K) / K, torch.ones(B) / B
    for _ in range(niters):
        Q *= (r / Q.sum(dim=1)).unsqueeze(1)
        Q *= (c / Q.sum(dim=0)).unsqueeze(0)
    return (Q / Q.sum(dim=0, keepdim=True)).T


def swav(a, b, temperature, epsilon, iterations):
    with torch.no_grad():
        q_a, q_b = sinkhorn(a, epsilon, iterations), sinkhorn(b, epsilon, iterations)
    p_a, p_b = F.log_softmax(a / temperature, dim=1), F.log_softmax(b / temperature, dim=1)
    return -0.5 * torch.mean(torch.sum(q_a * p_b + q_b * p_a, dim=1))


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


sections = {"info_nce": [], "barlow_twins": [], "simsiam": [], "swav": []}


def rows(n, d):
    """Normal values of 3 decimals, so that the file stays small."""
    return torch.randn(n, d, generator=generator).mul(1000).round() / 1000


def case(loss, inputs, options, **more):
    given = {name: value.clone().requires_grad_() for name, value in inputs.items()}
    value = loss(**given, **{"lambd" if k == "lambda" else k: v for k, v in options.items()})
    found = torch.autograd.grad(value, list(given.values()), allow_unused=True)
    grads = {name: torch.zeros_like(x) if g is None else g for (name, x), g in zip(given.items(), found)}
    name = ", ".join(f"{name} {list(x.shape)}" for name, x in inputs.items()) + f", {lua(options)}"
    section = sections[loss.__name__]
    assert name not in [known["name"] for known in section], name
    section.append(
        {"name": name, "options": options, "inputs": inputs, "loss": value.item(), "grads": grads} | more
    )  # fmt: skip


for n, d, k, temperature in [(5, 7, 11, 0.2), (1, 3, 2, 0.07), (6, 4, 1, 1.0), (3, 17, 33, 0.5)]:
    case(info_nce, {"query": rows(n, d), "key": rows(n, d), "queue": rows(k, d)}, {"temperature": temperature})

for n, d, lam in [(5, 3, 0.005), (7, 11, 0.1), (3, 2, 1.0), (13, 1, 0.005)]:
    common = rows(n, d)
    case(barlow_twins, {"a": common + rows(n, d), "b": 2 * common + rows(n, d) + 1}, {"lambda": lam})

for n, d in [(5, 7), (1, 3), (6, 2), (3, 33)]:
    case(simsiam, {name: rows(n, d) for name in ("p1", "p2", "z1", "z2")}, {})

for n, k, temperature, epsilon, iterations in [(5, 3, 0.1, 0.05, 3), (7, 11, 0.3, 0.5, 3), (2, 4, 0.1, 0.05, 1), (9, 2, 1.0, 0.1, 5)]:
    # Scores are cosines, as the products of unit rows.
    a, b = (F.normalize(rows(n, 6), dim=1) @ F.normalize(rows(k, 6), dim=1).T for _ in range(2))
    options = {"temperature": temperature, "epsilon": epsilon, "iterations": iterations}
    case(swav, {"a": a, "b": b}, options, assigned=sinkhorn(a, epsilon, iterations))

text = "".join(f"{section}={{\n" + ",\n".join(map(lua, cases)) + "\n},\n" for section, cases in sections.items())
OUT.write_text("-- Generated by tests/reference/losses.py. Do not edit.\nreturn {\n" + text + "}\n")
print(f"{sum(map(len, sections.values()))} cases, {OUT.stat().st_size} bytes")
