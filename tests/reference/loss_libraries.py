#!/usr/bin/env python3
"""Compares the formulas that `loss_operations.py` writes out with those of other libraries, on random inputs: torchvision's
focal loss, pytorch-metric-learning's triplets and supervised contrastive loss, lightly's VICReg, DINO and DCL. Writes
nothing.

    loss_libraries.py        (needs torch, torchvision, pytorch-metric-learning, lightly)
"""

import torch
import torch.nn.functional as F
from lightly.loss import DCLLoss, DCLWLoss, DINOLoss, VICRegLoss
from pytorch_metric_learning import distances, losses, miners, reducers
from torchvision.ops import sigmoid_focal_loss

from loss_operations import LOSSES

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)


def compare(name, ours, theirs):
    off = abs((ours - theirs).item()) / max(1.0, abs(theirs.item()))
    print(f"{name:40} {ours.item():.10f} {theirs.item():.10f} {off:.1e}")
    assert off < 1e-9, name


x, y = 3 * torch.randn(7, 5), torch.rand(7, 5) < 0.4
theirs = sigmoid_focal_loss(x, y.double(), alpha=0.3, gamma=1.5, reduction="mean")
compare("focal, torchvision", LOSSES["loss.focal"]({"alpha": 0.3, "gamma": 1.5}, x, y), theirs)

z, labels = torch.randn(12, 4), torch.randint(0, 4, (12,))
euclidean = distances.LpDistance(normalize_embeddings=False, p=2, power=1)
kinds = {"hard": None, "semi_hard": "semihard", "all": "all"}
for mining, kind in kinds.items():
    for margin in [0.3, 1.0, 3.0]:
        if kind is None:
            miner = miners.BatchHardMiner(distance=euclidean)
            reducer = reducers.MeanReducer()
        else:
            miner = miners.TripletMarginMiner(margin=margin, type_of_triplets=kind, distance=euclidean)
            reducer = reducers.AvgNonZeroReducer()
        loss = losses.TripletMarginLoss(margin=margin, distance=euclidean, reducer=reducer)
        ours = LOSSES["loss.triplet"]({"mining": mining, "margin": margin}, z, labels)
        compare(f"triplet {mining} {margin}, metric-learning", ours, loss(z, labels, miner(z, labels)))

ours = LOSSES["loss.supervised_contrastive"]({"temperature": 0.2}, z, labels)
compare("supervised contrastive, metric-learning", ours, losses.SupConLoss(temperature=0.2)(z, labels))

a, b = torch.randn(8, 5), torch.randn(8, 5)
compare("vicreg, lightly", LOSSES["loss.vicreg"]({}, a, b), VICRegLoss()(a, b))

rows = torch.cat([a, b])
step = {"temperature": 0.1, "sigma": 0.5}
compare("dcl, lightly", LOSSES["loss.dcl"](step, rows), DCLLoss(temperature=0.1)(F.normalize(a), F.normalize(b)))
compare("dclw, lightly", LOSSES["loss.dclw"](step, rows), DCLWLoss(temperature=0.1)(F.normalize(a), F.normalize(b)))

student, teacher = [torch.randn(3, 5) for _ in range(4)], [torch.randn(3, 5) for _ in range(2)]
theirs = DINOLoss(output_dim=5, warmup_teacher_temp=0.04, teacher_temp=0.04, warmup_teacher_temp_epochs=1, student_temp=0.1)
step = {"crops": 4, "teacher_crops": 2, "temperature": 0.1, "teacher_temperature": 0.04}
ours = LOSSES["loss.dino"](step, torch.cat(student), torch.cat(teacher))
compare("dino, lightly", ours, theirs(teacher, student, epoch=5))
