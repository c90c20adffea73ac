"""Writes tests/fixtures/few_shot.json: what classifiers fitted on few labelled features predict, in float64.

Features are float32 values, L2-normalised before a fit (except for the linear probe). Classes, permutations and
predictions count from 0; row r of a support or query set is of class r mod ways.
Run `python3 tests/reference/few_shot.py` after adding a case. Needs: torch, scikit-learn.
"""

import json
import pathlib

import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression

OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "few_shot.json"
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def clustered(per_class, means, spread, generator):
    """Rows around the classes' means, class-cyclic, as float32 values."""
    classes = len(means)
    rows = means.repeat(per_class, 1)
    rows = rows + spread * torch.randn(rows.shape, generator=generator)
    return rows.float().double(), torch.arange(len(rows)) % classes


def numbers(tensor, digits=9):
    if tensor.dim() > 1:
        return [numbers(row, digits) for row in tensor]
    return [float(f"{x:.{digits}g}") for x in tensor.tolist()]


def predicted(logits):
    """No prediction hangs on rounding."""
    best = logits.topk(2, dim=1).values
    assert (best[:, 0] - best[:, 1]).min() > 1e-3, "another seed: two classes are nearly tied"
    return logits.argmax(1).tolist()


def prototypes(s, q, labels, ways):
    means = torch.stack([s[labels == c].mean(0) for c in range(ways)])
    return -(q[:, None] - means).square().sum(2)


def ridge(s, q, labels, ways, strength):
    gram = s @ s.T + strength * torch.eye(len(s))
    return q @ (s.T @ torch.linalg.solve(gram, F.one_hot(labels, ways).double()))


def logistic(s, q, labels, C):
    """C · Σ CE + ½‖W‖², the intercept unpenalised and the logits' mean over classes 0."""
    fit = LogisticRegression(C=C, solver="lbfgs", tol=1e-10, max_iter=10000).fit(s.numpy(), labels.numpy())
    w, b = (torch.from_numpy(t).requires_grad_() for t in (fit.coef_, fit.intercept_))
    objective = C * F.cross_entropy(s @ w.T + b, labels, reduction="sum") + w.square().sum() / 2
    slope = max(g.abs().max().item() for g in torch.autograd.grad(objective, (w, b)))
    assert slope < 1e-6, slope
    logits = torch.from_numpy(fit.decision_function(q.numpy()))
    return logits - logits.mean(1, keepdim=True), objective.item(), slope


def episode(seed, ways, shots, dim, queries=4, spread=1.3):
    generator = torch.Generator().manual_seed(seed)
    means = torch.randn(ways, dim, generator=generator)
    support, labels = clustered(shots, means, spread, generator)
    query, query_labels = clustered(queries, means, spread, generator)
    s, q = F.normalize(support, dim=1), F.normalize(query, dim=1)
    logits, objective, slope = logistic(s, q, labels, 1.0)
    fits = {
        "prototypes": ({}, prototypes(s, q, labels, ways)),
        "ridge": ({"lambda": 1.0}, ridge(s, q, labels, ways, 1.0)),
        "logistic": ({"C": 1.0, "objective": objective}, logits),
    }
    correct = {name: sum(p == c for p, c in zip(predicted(f[1]), query_labels.tolist())) for name, f in fits.items()}
    print(f"{ways} ways, {shots} shots, d {dim}: correct {correct} of {len(q)}, logistic gradient {slope:.1e}")
    return {
        "ways": ways, "shots": shots, "queries": queries, "dim": dim,
        "support": numbers(support), "support_labels": labels.tolist(),
        "query": numbers(query), "query_labels": query_labels.tolist(),
    } | {name: {**o, "predictions": predicted(l), "logits": numbers(l)} for name, (o, l) in fits.items()}  # fmt: skip


def linear_probe(seed, classes=3, dim=6, batch=16, epochs=4, lr=0.1, momentum=0.9, weight_decay=1e-4):
    generator = torch.Generator().manual_seed(seed)
    means = torch.randn(classes, dim, generator=generator)
    train, labels = clustered(20, means, 1.0, generator)
    test, test_labels = clustered(10, means, 1.0, generator)
    layer = torch.nn.Linear(dim, classes)
    torch.nn.init.zeros_(layer.weight), torch.nn.init.zeros_(layer.bias)
    optimizer = torch.optim.SGD(layer.parameters(), lr=lr, momentum=momentum, weight_decay=weight_decay)
    orders = [torch.randperm(len(train), generator=generator) for _ in range(epochs)]
    batches = [order[i : i + batch] for order in orders for i in range(0, len(train) - batch + 1, batch)]
    losses = []
    for step, rows in enumerate(batches):
        optimizer.param_groups[0]["lr"] = lr * (1 - step / len(batches))
        optimizer.zero_grad()
        loss = F.cross_entropy(layer(train[rows]), labels[rows])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    logits = layer(test).detach()
    correct = sum(p == c for p, c in zip(predicted(logits), test_labels.tolist()))
    print(f"probe: {len(batches)} steps, loss {losses[0]:.3f} to {losses[-1]:.3f}, {correct} of {len(test)} right")
    return {
        "classes": classes, "batch": batch, "epochs": epochs,
        "lr": lr, "momentum": momentum, "weight_decay": weight_decay,
        "train": numbers(train), "train_labels": labels.tolist(),
        "test": numbers(test), "test_labels": test_labels.tolist(),
        "permutations": [order.tolist() for order in orders], "losses": numbers(torch.tensor(losses)),
        "weight": numbers(layer.weight.detach()), "bias": numbers(layer.bias.detach()),
        "logits": numbers(logits), "predictions": predicted(logits),
    }  # fmt: skip


episodes = [episode(*case) for case in [(2, 3, 1, 8), (3, 5, 1, 16), (3, 5, 5, 16), (2, 4, 5, 32), (3, 3, 5, 8)]]
OUT.write_text(json.dumps({"episodes": episodes, "linear_probe": linear_probe(5)}, separators=(",", ":")) + "\n")
print(f"{len(episodes)} episodes, {OUT.stat().st_size} bytes")
