"""Moonburn's losses in PyTorch, by the names that the core has for them: each a function of a step, whose parameters it
reads, and of tensors. PyTorch's own where it has one, torchvision's formula for the focal loss; the others are their
papers' formulas, written out. `loss_libraries.py` compares these with other libraries."""

import torch
import torch.nn.functional as F


def named(step, tensors):
    """The tensors that a step names."""
    return dict(zip(step.get("names", []), tensors))


def reduction(step):
    return step.get("reduction", "mean")


def agreed(losses, function, *tensors, **more):
    """Losses that are written out, since PyTorch's function has no gradient by weights; checked against it."""
    detached = {key: x.detach() if isinstance(x, torch.Tensor) else x for key, x in more.items()}
    theirs = function(*(x.detach() for x in tensors), **detached)
    assert torch.allclose(losses.detach(), theirs, equal_nan=True), (losses, theirs)
    return losses


def bce_with_logits(step, x, y, *more):
    y, more, function = y.to(x.dtype), named(step, more), F.binary_cross_entropy_with_logits
    if not more:
        return function(x, y, reduction=reduction(step))
    losses = (1 - y) * x - (1 + (more.get("pos_weight", 1.0) - 1) * y) * F.logsigmoid(x)
    return agreed(reduced(step, more.get("weight", 1.0) * losses), function, x, y, **more, reduction=reduction(step))


def bce(step, x, y, *more):
    y, more, function = y.to(x.dtype), named(step, more), F.binary_cross_entropy
    losses = more.get("weight", 1.0) * function(x, y, reduction="none")
    return agreed(reduced(step, losses), function, x, y, **more, reduction=reduction(step))


def focal(step, x, y):
    """torchvision.ops.sigmoid_focal_loss."""
    alpha, gamma, y = step["alpha"], step["gamma"], y.to(x.dtype)
    p = torch.sigmoid(x)
    losses = F.binary_cross_entropy_with_logits(x, y, reduction="none") * (1 - (p * y + (1 - p) * (1 - y))) ** gamma
    if alpha >= 0:
        losses = (alpha * y + (1 - alpha) * (1 - y)) * losses
    return reduced(step, losses)


def reduced(step, losses):
    return {"mean": losses.mean, "sum": losses.sum, "none": losses.clone}[reduction(step)]()


def cross_entropy(step, x, target, *more):
    options = {key: step[key] for key in ("ignore_index", "label_smoothing") if key in step}
    weight = named(step, more).get("weight")
    if weight is None:
        return F.cross_entropy(x, target, **options, reduction=reduction(step))
    if target.is_floating_point():
        target = target * (1 - options["label_smoothing"]) + options["label_smoothing"] / x.shape[1]
        terms = -(F.log_softmax(x, 1) * target).movedim(1, -1) * weight
        losses = terms.sum(-1)
        return agreed(reduced(step, losses), F.cross_entropy, x, target, weight=weight, reduction=reduction(step))
    found = weighed(step, F.log_softmax(x, 1), target, weight, options.get("label_smoothing", 0.0))
    return agreed(found, F.cross_entropy, x, target, weight=weight, **options, reduction=reduction(step))


def nll(step, x, labels, *more):
    options = {key: step[key] for key in ("ignore_index",) if key in step}
    weight = named(step, more).get("weight")
    if weight is None:
        return F.nll_loss(x, labels, **options, reduction=reduction(step))
    found = weighed(step, x, labels, weight, 0.0)
    return agreed(found, F.nll_loss, x, labels, weight=weight, **options, reduction=reduction(step))


def weighed(step, x, labels, weight, smoothing):
    """Losses of logarithms at labels, those of the ignored label 0, with weights of classes."""
    counts = labels != step.get("ignore_index", -100)
    safe = labels.where(counts, 0)
    own = weight[safe] * counts
    terms = x.movedim(1, -1)
    at_label = -terms.gather(-1, safe.unsqueeze(-1)).squeeze(-1) * own
    losses = (1 - smoothing) * at_label - smoothing * (terms * weight).mean(-1) * counts
    return losses.sum() / own.sum() if reduction(step) == "mean" else reduced(step, losses)


def multi_margin(step, x, labels, *more):
    """F.multi_margin_loss, which has no second gradient, written out."""
    p, margin = step["p"], step["margin"]
    weight = named(step, more).get("weight", torch.ones(x.shape[1], dtype=x.dtype))
    own = x.gather(1, labels.unsqueeze(1))
    terms = (margin - own + x).clamp_min(0) ** p * weight[labels].unsqueeze(1)
    losses = terms.scatter(1, labels.unsqueeze(1), 0.0).sum(1) / x.shape[1]
    losses = agreed(losses, F.multi_margin_loss, x, labels, p=p, margin=margin, weight=weight, reduction="none")
    return reduced(step, losses)


def triplet_margin(step, anchor, positive, negative):
    options = {key: step[key] for key in ("margin", "p", "eps", "swap") if key in step}
    return F.triplet_margin_loss(anchor, positive, negative, **options, reduction=reduction(step))


def distances(step, z):
    squares = ((z.unsqueeze(1) - z.unsqueeze(0)) ** 2).sum(2)
    if step.get("squared"):
        return squares
    # The root of a distance of 0 has no gradient.
    own = torch.eye(len(z), dtype=torch.bool)
    return squares.masked_fill(own, 1.0).sqrt().masked_fill(own, 0.0)


def triplet(step, z, labels):
    """Every triplet (a, p, n) in turn: Hermans et al. 2017, equations 5 and 6; Schroff et al. 2015, section 3.2."""
    d, margin, rows = distances(step, z), step["margin"], range(len(z))
    terms = []
    for a in rows:
        positives = [d[a, p] for p in rows if p != a and labels[p] == labels[a]]
        negatives = [d[a, n] for n in rows if labels[n] != labels[a]]
        if not positives or not negatives:
            continue
        if step["mining"] == "hard":
            terms.append(F.relu(torch.stack(positives).max() - torch.stack(negatives).min() + margin))
            continue
        for near in positives:
            for far in negatives:
                is_semi_hard = near < far < near + margin
                if is_semi_hard if step["mining"] == "semi_hard" else near - far + margin > 0:
                    terms.append(near - far + margin)
    return torch.stack(terms).mean() if terms else 0 * z.sum()


def supervised_contrastive(step, z, labels):
    """Khosla et al. 2020, equation 2, row by row."""
    z, labels = F.normalize(z), labels.repeat(len(z) // max(len(labels), 1))
    logits, terms = z @ z.T / step["temperature"], []
    for i in range(len(z)):
        others = [a for a in range(len(z)) if a != i]
        positives = [p for p in others if labels[p] == labels[i]]
        if positives:
            log_probabilities = logits[i] - torch.logsumexp(logits[i, others], 0)
            terms.append(-log_probabilities[positives].mean())
    return torch.stack(terms).mean() if terms else 0 * z.sum()


def vicreg_parts(x, y, gamma=1.0, epsilon=1e-4):
    """The official code's repr_loss, std_loss and cov_loss."""
    repr_loss = F.mse_loss(x, y)
    x, y = x - x.mean(dim=0), y - y.mean(dim=0)
    std_x, std_y = torch.sqrt(x.var(dim=0) + epsilon), torch.sqrt(y.var(dim=0) + epsilon)
    std_loss = torch.mean(F.relu(gamma - std_x)) / 2 + torch.mean(F.relu(gamma - std_y)) / 2
    size, features = x.shape
    cov_x, cov_y = (x.T @ x) / (size - 1), (y.T @ y) / (size - 1)
    off = ~torch.eye(features, dtype=torch.bool)
    cov_loss = cov_x[off].pow(2).sum() / features + cov_y[off].pow(2).sum() / features
    return repr_loss, std_loss, cov_loss


def vicreg(step, x, y):
    parts = vicreg_parts(x, y, step.get("gamma", 1.0), step.get("epsilon", 1e-4))
    weights = (step.get("invariance", 25.0), step.get("variance", 25.0), step.get("covariance", 1.0))
    return sum(weight * part for weight, part in zip(weights, parts))


def dino(step, student, teacher, *more):
    """The official DINOLoss, its two loops."""
    ncrops, global_crops = step["crops"], step["teacher_crops"]
    center = named(step, more).get("center", torch.zeros(student.shape[1], dtype=student.dtype)).detach()
    student_out = (student / step["temperature"]).chunk(ncrops)
    teacher_out = F.softmax((teacher.detach() - center) / step["teacher_temperature"], dim=-1).chunk(global_crops)
    total_loss, n_loss_terms = 0, 0
    for iq, q in enumerate(teacher_out):
        for v in range(len(student_out)):
            if v == iq:
                continue
            loss = torch.sum(-q * F.log_softmax(student_out[v], dim=-1), dim=-1)
            total_loss = total_loss + loss.mean()
            n_loss_terms += 1
    return total_loss / n_loss_terms


def dcl(step, z, sigma=None):
    """Yeh et al. 2022: equation 6 of both views, with the weights of equation 8 where there is a sigma."""
    z1, z2 = F.normalize(z).chunk(2)
    size, temperature = len(z1), step["temperature"]
    weight = torch.ones(size, dtype=z.dtype)
    if sigma:
        powers = torch.exp((z1 * z2).sum(1) / sigma)
        weight = 2 - powers / powers.mean()
    terms = []
    for a, b in [(z1, z2), (z2, z1)]:
        for i in range(size):
            others = [j for j in range(size) if j != i]
            negatives = torch.cat([a[others] @ a[i], b[others] @ a[i]]) / temperature
            terms.append(-weight[i] * (a[i] @ b[i]) / temperature + torch.logsumexp(negatives, 0))
    return torch.stack(terms).mean()


def uniformity(step, x):
    """Wang and Isola 2020, their lunif of normalised rows; pdist has no second gradient."""
    x = F.normalize(x)
    i, j = torch.triu_indices(len(x), len(x), 1)
    return ((x[i] - x[j]) ** 2).sum(1).mul(-step["t"]).exp().mean().log()


def alignment(step, x, y):
    """Their lalign of normalised rows."""
    return (F.normalize(x) - F.normalize(y)).norm(p=2, dim=1).pow(step["alpha"]).mean()


LOSSES = {
    "loss.mse": lambda step, x, y: F.mse_loss(x, y, reduction=reduction(step)),
    "loss.l1": lambda step, x, y: F.l1_loss(x, y, reduction=reduction(step)),
    "loss.huber": lambda step, x, y: F.huber_loss(x, y, delta=step["delta"], reduction=reduction(step)),
    "loss.smooth_l1": lambda step, x, y: F.smooth_l1_loss(x, y, beta=step["beta"], reduction=reduction(step)),
    "loss.bce_with_logits": bce_with_logits,
    "loss.bce": bce,
    "loss.focal": focal,
    "loss.cross_entropy": cross_entropy,
    "loss.nll": nll,
    "loss.kl_div": lambda step, x, y: F.kl_div(x, y, log_target=step["log_target"], reduction=reduction(step)),
    "loss.multi_margin": multi_margin,
    "loss.margin_ranking": lambda step, x, y, sign: F.margin_ranking_loss(
        x, y, sign, margin=step["margin"], reduction=reduction(step)
    ),
    "loss.hinge": lambda step, x, sign: reduced(step, F.relu(step["margin"] - sign * x)),
    "loss.hinge_embedding": lambda step, x, sign: F.hinge_embedding_loss(
        x, sign, margin=step["margin"], reduction=reduction(step)
    ),
    "loss.cosine_embedding": lambda step, x, y, sign: F.cosine_embedding_loss(
        x, y, sign, margin=step["margin"], reduction=reduction(step)
    ),
    "loss.negative_cosine_similarity": lambda step, x, y: reduced(step, -F.cosine_similarity(x, y, dim=-1)),
    "loss.triplet_margin": triplet_margin,
    "loss.triplet": triplet,
    "loss.supervised_contrastive": supervised_contrastive,
    "loss.vicreg": vicreg,
    "loss.vicreg_terms": lambda step, x, y: torch.stack(vicreg_parts(x, y)),
    "loss.dino": dino,
    "loss.dcl": dcl,
    "loss.dclw": lambda step, z: dcl(step, z, step["sigma"]),
    "loss.alignment": alignment,
    "loss.uniformity": uniformity,
}
