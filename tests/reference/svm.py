"""Crammer and Singer's dual of the support vector machine (JMLR 2001), as a function that PyTorch differentiates: of
the Gram matrix K [n, n] and labels [n], α [n, ways] that minimises ½ Σ_c α_cᵀKα_c − Σᵢ α_{i, yᵢ} subject to
α_ij ≤ C·1[j = yᵢ] and Σ_j α_ij = 0."""

import torch


def level(linear, bounds, curvature):
    """t with Σ_j min((t − linear_j) / curvature, bound_j) = 0."""
    order = sorted(zip(linear, bounds), key=lambda entry: entry[0] + curvature * entry[1])
    for count, (first, bound) in enumerate(order):
        free = [value for value, _ in order[count:]]
        t = (sum(free) - curvature * sum(bound for _, bound in order[:count])) / len(free)
        if t <= first + curvature * bound:
            break
    return t


def solution(gram, labels, ways, c):
    """α by optimising one row after another, to the last digits of float64."""
    rows = len(labels)
    alpha = [[0.0] * ways for _ in range(rows)]
    bounds = [[c if j == labels[i] else 0.0 for j in range(ways)] for i in range(rows)]
    for _ in range(5000):
        change = 0.0
        for i in range(rows):
            scores = [sum(gram[i][k] * alpha[k][j] for k in range(rows)) for j in range(ways)]
            linear = [scores[j] - (j == labels[i]) - gram[i][i] * alpha[i][j] for j in range(ways)]
            t = level(linear, bounds[i], gram[i][i])
            for j in range(ways):
                value = min((t - linear[j]) / gram[i][i], bounds[i][j])
                change = max(change, abs(value - alpha[i][j]))
                alpha[i][j] = value
        if change < 1e-15:
            break
    return alpha, bounds


def svm_dual(step, gram, labels):
    """Which entries are at their bound is found first; the others and a multiplier per row solve linear equations."""
    gram = (gram + gram.T) / 2
    rows, ways = len(labels), step["ways"]
    alpha, bounds = solution(gram.detach().double().tolist(), labels.tolist(), ways, step["c"])
    equations, right = [], []
    one = torch.eye(rows * ways + rows)
    for i in range(rows):
        for j in range(ways):
            own = one[i * ways + j]
            if alpha[i][j] > bounds[i][j] - 1e-9:
                equations.append(own)
                right.append(bounds[i][j])
                continue
            stationary = sum(gram[i, k] * one[k * ways + j] for k in range(rows)) - one[rows * ways + i]
            equations.append(stationary)
            right.append(float(j == labels[i]))
        equations.append(one[i * ways : (i + 1) * ways].sum(0))
        right.append(0.0)
    found = torch.linalg.solve(torch.stack(equations), torch.tensor(right).unsqueeze(1))
    return found[: rows * ways, 0].reshape(rows, ways)
