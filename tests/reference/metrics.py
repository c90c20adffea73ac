"""Writes tests/scripts/fixtures/metrics.lua: metrics as scikit-learn computes them. Labels count from 1 there.

Run `python3 tests/reference/metrics.py` after adding a case. Needs: numpy, scikit-learn.
"""

import pathlib
import warnings

import numpy as np
from sklearn import metrics

OUT = pathlib.Path(__file__).parent.parent / "scripts" / "fixtures" / "metrics.lua"
random = np.random.default_rng(0)
warnings.simplefilter("ignore")
sections = {"classes": [], "top_k": [], "binary": [], "ranked": [], "many": [], "groups": []}


def lua(value):
    if isinstance(value, np.ndarray):
        return lua(value.tolist())
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value)).lower()
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}={lua(own)}" for key, own in value.items()) + "}"
    if isinstance(value, list):
        return "{" + ",".join(map(lua, value)) + "}"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    text = f"{value:.15g}"
    return "0/0" if text == "nan" else text if any(mark in text for mark in ".e") else text + ".0"


def scores(*shape, ties):
    """Of 3 decimals, or of one, so that many are equal."""
    return np.round(random.normal(size=shape), 0 if ties else 3)


# Predicted classes: with a class that is never predicted, one that is never meant, and both missing.
for rows, classes, absent in [(40, 4, {}), (9, 3, {}), (1, 2, {}), (30, 5, {"labels": 2, "predictions": 3}), (17, 6, {"labels": 1, "predictions": 1}), (12, 1, {})]:
    labels, predictions = random.integers(0, classes, rows), random.integers(0, classes, rows)
    for name, array in [("labels", labels), ("predictions", predictions)]:
        if name in absent:
            array[array == absent[name]] = 0
    predictions = np.where(random.random(rows) < 0.4, labels, predictions)
    every = list(range(classes))
    precision, recall, f1, support = metrics.precision_recall_fscore_support(labels, predictions, labels=every, zero_division=0)
    case = {
        "classes": classes,
        "labels": labels + 1,
        "predictions": predictions + 1,
        "accuracy": metrics.accuracy_score(labels, predictions),
        "balanced": metrics.balanced_accuracy_score(labels, predictions),
        "confusion": metrics.confusion_matrix(labels, predictions, labels=every),
        "precision": precision, "recall": recall, "f1": f1, "support": support,
    }
    for average in ["macro", "micro", "weighted"]:
        found = metrics.precision_recall_fscore_support(labels, predictions, average=average, zero_division=0)
        case[average] = [float(value) for value in found[:3]]
    sections["classes"].append(case)

for rows, classes, ks in [(25, 6, [1, 2, 5, 6]), (7, 3, [1, 3])]:
    values, labels = scores(rows, classes, ties=False), random.integers(0, classes, rows)
    found = [float(metrics.top_k_accuracy_score(labels, values, k=k, labels=list(range(classes)))) for k in ks]
    sections["top_k"].append({"scores": values, "labels": labels + 1, "k": ks, "accuracy": found})

for rows, ties in [(30, False), (30, True), (5, True), (2, False), (200, True)]:
    values, truths = scores(rows, ties=ties), random.random(rows) < 0.4
    truths[:2] = [True, False]
    case = {"scores": values, "truths": truths, "auroc": metrics.roc_auc_score(truths, values)}
    sections["binary"].append(case | {"average_precision": metrics.average_precision_score(truths, values)})

for rows, classes, ties in [(30, 3, False), (40, 5, True)]:
    values, labels = scores(rows, classes, ties=ties), random.integers(0, classes, rows)
    labels[:classes] = range(classes)
    # Its one-vs-rest form refuses scores that are no probabilities: the same of truth values.
    truths = labels[:, None] == np.arange(classes)
    sections["ranked"].append({
        "scores": values, "labels": labels + 1, "auroc": metrics.roc_auc_score(truths, values, average="macro"),
        "average_precision": metrics.average_precision_score(labels, values, average="macro"),
    })  # fmt: skip
    many = random.random((rows, classes)) < 0.3
    many[:2] = [[True] * classes, [False] * classes]
    sections["many"].append({
        "scores": values, "truths": many, "auroc": metrics.roc_auc_score(many, values, average="macro"),
        "average_precision": metrics.average_precision_score(many, values, average="macro"),
    })  # fmt: skip

GROUPS = [
    (random.integers(0, 4, 50), random.integers(0, 6, 50)), ([0, 0, 1, 1], [5, 5, 2, 2]), ([0, 0, 1, 1], [0, 1, 0, 1]),
    ([0, 0, 0], [0, 0, 0]), ([0, 0, 0], [0, 1, 2]), ([0, 1, 2], [0, 1, 2]), ([0, 1, 2], [0, 0, 0]), ([3], [1]),
    ([0, 0, 1, 2, 2, 2], [1, 1, 1, 0, 0, 3]), ([0, 0, 0, 1], [0, 1, 1, 1]),
]  # fmt: skip
for left, right in GROUPS:
    left, right = np.array(left), np.array(right)
    case = {"left": left + 1, "right": right + 1, "ari": metrics.adjusted_rand_score(left, right)}
    for average in ["arithmetic", "geometric", "min", "max"]:
        case[average] = metrics.normalized_mutual_info_score(left, right, average_method=average)
    sections["groups"].append(case)

text = "".join(f"{section}={{\n" + ",\n".join(map(lua, cases)) + "\n},\n" for section, cases in sections.items())
OUT.write_text("-- Generated by tests/reference/metrics.py. Do not edit.\nreturn {\n" + text + "}\n")
print(f"{sum(map(len, sections.values()))} cases, {OUT.stat().st_size} bytes")
