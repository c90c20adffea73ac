"""What the self-supervised schemes share in PyTorch: options, the encoder and the projector, batches, kNN.

As `scripts/moonburn/self_supervised.lua`, but for the images: they are noise around a pattern for each class, and their
views have more noise instead of an augmentation.
"""

import few_shot
import torch
import torch.nn.functional as F
from few_shot import Classes
from torch import nn


def options(**own):
    return few_shot.options(**dict(width=8, embedding=64, batch=64, lr=0.1, classes=10, k=20) | own)


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(outputs), nn.BatchNorm2d(outputs)
        self.downsample = nn.Identity()
        if stride > 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + self.downsample(x))


def resnet18(width):
    layers = [nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
    for stage in range(4):
        before = width << max(0, stage - 1)
        layers += [Block(before, width << stage, 2 if stage else 1), Block(width << stage, width << stage, 1)]
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return network


def projector(*sizes):
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def labelled_views(o):
    """A function that gives the two views of a batch, view-major, and the classes of the images."""
    classes = Classes(o, 0)

    def draw():
        labels = torch.randint(o.classes, (o.batch,))
        images = classes.patterns[labels] + torch.randn(o.batch, 3, o.size, o.size)
        return torch.cat([torch.sigmoid(images + torch.randn(images.shape) / 2) for _ in range(2)]), labels

    return draw


def noisy(o):
    """A function that gives a batch of images."""
    classes = Classes(o, 0)
    return lambda: classes.images(torch.randint(o.classes, (o.batch,)))


def setup(o):
    """The encoder, the projector, and a function that gives the two views of a batch, view-major."""
    draw = labelled_views(o)
    return resnet18(o.width), projector(8 * o.width, 8 * o.width, o.embedding), lambda: draw()[0]


@torch.no_grad()
def evaluate(o, encoder):
    """k nearest neighbours by cosine on the encoder's features: 1,000 images to learn from, 200 to classify."""
    classes, labels = Classes(o, 0), torch.randint(o.classes, (1200,))
    encoder.eval()
    features = F.normalize(torch.cat([encoder(classes.images(part)) for part in labels.split(200)]))
    encoder.train()
    near = (features[1000:] @ features[:1000].T / 0.1).topk(o.k)
    votes = torch.zeros(200, o.classes).scatter_add_(1, labels[:1000][near.indices], near.values.exp())
    return {"knn_accuracy": 100 * (votes.argmax(1) == labels[1000:]).float().mean().item()}
