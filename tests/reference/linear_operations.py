"""Linear algebra in PyTorch, by the names that the core has for it; as operations.py. Of vectors whose signs are free, the
squares."""

import torch
import torch.nn.functional as F

L = torch.linalg


def order(step):
    return step["ord"] if step["ord"] in ("fro", "nuc") else float(step["ord"])


def eigh(step, x):
    found = L.eigh(x)
    return found.eigenvalues if step["part"] == "values" else found.eigenvectors**2


def svd(step, x):
    left, values, right = L.svd(x, full_matrices=False)
    parts = {"left": lambda: left**2, "values": lambda: values, "right": lambda: right**2}
    return parts.get(step["part"], lambda: (left * values.sin().unsqueeze(-2)) @ right)()


LINEAR = {
    **{name: (lambda function: lambda step, *x: function(*x))(getattr(torch, name)) for name in "dot outer mv mm bmm trace".split()},
    **{name: (lambda function: lambda step, *x: function(*x))(getattr(L, name)) for name in "cholesky eigvalsh svdvals solve inv pinv det".split()},
    "einsum": lambda step, *x: torch.einsum(step["equation"], *x),
    "cosine_similarity": lambda step, x, y: F.cosine_similarity(x, y, dim=step["dim"]),
    "cdist": lambda step, x, y: L.vector_norm(x.unsqueeze(-2) - y.unsqueeze(-3), float(step["p"]), dim=-1),
    "eigh": eigh,
    "svd": svd,
    "qr": lambda step, x: L.qr(x)[0 if step["part"] == "left" else 1],
    "solve_triangular": lambda step, x, y: L.solve_triangular(
        x, y, upper=step["upper"], left=step["left"], unitriangular=step["unitriangular"]
    ),
    "lstsq": lambda step, x, y: L.pinv(x) @ y,
    "slogdet": lambda step, x: L.slogdet(x).logabsdet,
    "matrix_power": lambda step, x: L.matrix_power(x, step["n"]),
    "matrix_norm": lambda step, x: L.matrix_norm(x, order(step)),
    "vector_norm": lambda step, x: L.vector_norm(x, float(step["ord"]), dim=step["dim"], keepdim=step["keep"]),
    "cond": lambda step, x: L.matrix_norm(x, order(step)) * L.matrix_norm(L.inv(x), order(step)),
}
