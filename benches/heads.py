"""Times the heads' forward and backward in PyTorch on the CPU, in float32, to compare our own with.

One JSON line per head: 256 ways, 1 shot, 1 query, d 128. The L2 normalisation is part of what is timed.

    python3 benches/heads.py [--ways 256] [--dim 128] [--repeats 30]    (needs torch)
    python3 benches/heads.py --few-shot [--episodes 500]                (and easyfsl, if it is there)
"""

import argparse
import contextlib
import json
import random
import statistics
import time

import torch
import torch.nn.functional as F

THREADS = 2


def unit_rows(rows, dim, seed=0):
    return F.normalize(torch.randn(rows, dim, generator=torch.Generator().manual_seed(seed)), dim=1)


# The heads take z [2·ways, d]: a support and a query view of each class.


def prototypes(z, temperature=0.1):
    s, q = F.normalize(z, dim=1).chunk(2)
    logits = (2 * q @ s.T - q.square().sum(1, keepdim=True) - s.square().sum(1)) / temperature
    return F.cross_entropy(logits, torch.arange(len(q)))


def ridge(z, strength=1.0):
    """One shot: the labels are the identity. The smaller of the two systems is solved."""
    s, q = F.normalize(z, dim=1).chunk(2)
    n, d = s.shape
    if n <= d:
        factor = torch.linalg.cholesky(s @ s.T + strength * torch.eye(n))
        w = s.T @ torch.cholesky_solve(torch.eye(n), factor)
    else:
        factor = torch.linalg.cholesky(s.T @ s + strength * torch.eye(d))
        w = torch.cholesky_solve(s.T, factor)
    return F.cross_entropy(q @ w, torch.arange(n))


def nt_xent(z, temperature=0.5):
    z = F.normalize(z, dim=1)
    n = len(z)
    logits = (z @ z.T / temperature).masked_fill(torch.eye(n, dtype=torch.bool), -1e9)
    return F.cross_entropy(logits, torch.arange(n).roll(n // 2))


def byol(z, target):
    return (2 - 2 * F.cosine_similarity(z, target.roll(len(z) // 2, 0), dim=1)).mean()


def onto_simplex(v, total):
    """The nearest point of {b ≥ 0, sum b = total} to each row."""
    u = v.sort(dim=1, descending=True).values
    t = (u.cumsum(1) - total) / torch.arange(1, v.shape[1] + 1)
    return (v - t.gather(1, (u > t).sum(1, keepdim=True) - 1)).clamp_(min=0)


class Dual(torch.autograd.Function):
    """Crammer–Singer's dual alpha [n, ways] of the support x [n, d] with one-hot labels.

    In b = C·onehot − alpha it is a QP over a simplex per row; its Hessian x·xᵀ ⊗ I is only ever applied.
    """

    steps = {}

    @staticmethod
    def forward(ctx, x, onehot, C, tolerance=1e-4, limit=2000):
        size = torch.linalg.eigvalsh(x.T @ x)[-1]
        b = y = torch.full_like(onehot, C / onehot.shape[1])
        momentum = 1.0
        for step in range(1, limit + 1):  # FISTA, restarted where it turns uphill
            slope = onehot - x @ (x.T @ (C * onehot - y))
            new = onto_simplex(y - slope / size, C)
            # The projected gradient's step at y; it is 0 where the KKT conditions hold.
            if (new - y).norm() <= tolerance * new.norm():
                break
            if ((y - new) * (new - b)).sum() > 0:
                momentum = 1.0
            following = (1 + (1 + 4 * momentum**2) ** 0.5) / 2
            y, b, momentum = new + (momentum - 1) / following * (new - b), new, following
        Dual.steps["fista"] = step
        alpha = C * onehot - new
        ctx.save_for_backward(x, alpha, new > 0)
        return alpha

    @staticmethod
    def backward(ctx, grad, tolerance=1e-4, limit=500):
        """On the free variables dα solves P K P dα = −P dK α, where P centres a row's free entries."""
        x, alpha, free = ctx.saved_tensors
        count = free.sum(1, keepdim=True)

        def centred(v):
            v = v * free
            return v - free * (v.sum(1, keepdim=True) / count)

        u, r = torch.zeros_like(grad), centred(grad)
        p, rr = r, r.square().sum()
        goal = tolerance**2 * rr
        for step in range(limit):
            if rr <= goal:
                break
            hp = centred(x @ (x.T @ p))
            rate = rr / (p * hp).sum()
            u, r = u + rate * p, r - rate * hp
            rr, before = r.square().sum(), rr
            p = r + rr / before * p
        Dual.steps["conjugate_gradient"] = step
        return -(u @ (alpha.T @ x) + alpha @ (u.T @ x)), None, None


def svm(z, C=0.1):
    s, q = F.normalize(z, dim=1).chunk(2)
    return F.cross_entropy(q @ (s.T @ Dual.apply(s, torch.eye(len(s)), C)), torch.arange(len(q)))


def milliseconds(head, z, repeats, *others):
    times = []
    for _ in range(repeats + 3):
        z.grad = None
        start = time.perf_counter()
        head(z, *others).backward()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times[3:])


def heads(ways, dim, repeats):
    z, target = unit_rows(2 * ways, dim).requires_grad_(), unit_rows(2 * ways, dim, seed=1)
    for head, *others in [(prototypes,), (ridge,), (nt_xent,), (byol, target), (svm,)]:
        ms = milliseconds(head, z, repeats, *others)
        line = {"head": head.__name__, "ms": round(ms, 3), "ways": ways, "d": dim}
        more = {"steps": Dual.steps} if head is svm else {}
        print(json.dumps(line | {"torch": torch.__version__, "threads": THREADS} | more), flush=True)


# Few-shot evaluation on cached features.


def clustered_features(classes=20, per_class=100, dim=512, spread=4.0):
    generator = torch.Generator().manual_seed(0)
    means = torch.randn(classes, 1, dim, generator=generator)
    return means + spread * torch.randn(classes, per_class, dim, generator=generator)


def plain(features, ways, shots, queries, episodes):
    classes, per_class, _ = features.shape
    features, labels, right = F.normalize(features, dim=2), torch.arange(ways).repeat_interleave(queries), 0
    for _ in range(episodes):
        chosen = torch.randperm(classes)[:ways]
        images = torch.stack([torch.randperm(per_class)[: shots + queries] for _ in range(ways)])
        rows = features[chosen[:, None], images]
        means = rows[:, :shots].mean(1)
        query = rows[:, shots:].flatten(0, 1)
        right += (torch.cdist(query, means).argmin(1) == labels).sum().item()
    return right / (episodes * len(labels))


def through_easyfsl(features, ways, shots, queries, episodes):
    from easyfsl.datasets import FeaturesDataset
    from easyfsl.methods import PrototypicalNetworks
    from easyfsl.samplers import TaskSampler
    from easyfsl.utils import evaluate

    class Sampler(TaskSampler):
        """Its own constructor (easyfsl 1.5) passes torch's Sampler an argument that newer releases no longer take."""

        def __init__(self, data):
            self.n_way, self.n_shot, self.n_query, self.n_tasks = ways, shots, queries, episodes
            self.items_per_label = {}
            for item, label in enumerate(data.get_labels()):
                self.items_per_label.setdefault(label, []).append(item)

    classes, per_class, _ = features.shape
    labels = torch.arange(classes).repeat_interleave(per_class).tolist()
    data = FeaturesDataset(labels, features.flatten(0, 1), [str(c) for c in range(classes)])
    sampler = Sampler(data)
    loader = torch.utils.data.DataLoader(data, batch_sampler=sampler, collate_fn=sampler.episodic_collate_fn)
    model = PrototypicalNetworks(torch.nn.Identity(), feature_normalization=2)
    return evaluate(model, loader, device="cpu", use_tqdm=False)


def few_shot(episodes):
    features = clustered_features()
    torch.manual_seed(0), random.seed(0)
    for shots in (1, 5):
        for name, run in [("torch", plain), ("easyfsl", through_easyfsl)]:
            with contextlib.suppress(ImportError), torch.no_grad():
                run(features, 5, shots, 15, 10)
                start = time.perf_counter()
                accuracy = run(features, 5, shots, 15, episodes)
                rate = episodes / (time.perf_counter() - start)
                line = {"few_shot": name, "episodes_per_second": round(rate, 1), "accuracy": round(accuracy, 4)}
                line |= {"ways": 5, "shots": shots, "queries": 15, "d": features.shape[2], "episodes": episodes}
                print(json.dumps(line | {"torch": torch.__version__, "threads": THREADS}), flush=True)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--ways", type=int, default=256)
    a.add_argument("--dim", type=int, default=128)
    a.add_argument("--repeats", type=int, default=30)
    a.add_argument("--few-shot", action="store_true")
    a.add_argument("--episodes", type=int, default=500)
    a = a.parse_args()
    torch.set_num_threads(THREADS)
    few_shot(a.episodes) if a.few_shot else heads(a.ways, a.dim, a.repeats)


if __name__ == "__main__":
    main()
