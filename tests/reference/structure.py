#!/usr/bin/env python3
"""Writes structure.json: values and gradients of layers whose weight is computed, and of networks, computed with PyTorch
and torchvision in float64, for the Rust tests of nn and model. Inputs and parameters are those of networks.py.

    structure.py [OUT]        (needs torch, torchvision, timm)
"""
import sys, json
import timm, torch, torchvision
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm, weight_norm
from torchvision.models.convnext import CNBlockConfig, ConvNeXt
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

from networks import buffers, fill, layer, noise, numbers, shapes


def layers():
    return {
        "weight_norm linear": layer(weight_norm(nn.Linear(5, 3)), (4, 5)),
        "weight_norm linear dim 1": layer(weight_norm(nn.Linear(5, 3, bias=False), dim=1), (4, 5)),
        "weight_norm conv2d": layer(weight_norm(nn.Conv2d(3, 4, 3, 1, 1)), (2, 3, 5, 4)),
        "spectral_norm linear": layer(spectral_norm(nn.Linear(5, 3)), (4, 5)),
        "spectral_norm linear dim 1": layer(spectral_norm(nn.Linear(5, 3, bias=False), n_power_iterations=3, dim=1), (4, 5)),
        "spectral_norm conv2d": layer(spectral_norm(nn.Conv2d(3, 4, 3, 1, 1)), (2, 3, 5, 4)),
        "spectral_norm eval": layer(spectral_norm(nn.Linear(5, 3)).eval(), (4, 5)),
    }


def resnet(block, depths, width, stem, zero_init_residual=False):
    """A torchvision ResNet of another width, without its classifier."""
    net = ResNet(block, depths)
    cifar, net.inplanes = stem == "cifar", width
    net.conv1 = nn.Conv2d(3, width, 3, 1, 1, bias=False) if cifar else nn.Conv2d(3, width, 7, 2, 3, bias=False)
    net.bn1, net.fc = nn.BatchNorm2d(width), nn.Identity()
    net.maxpool = nn.Identity() if cifar else net.maxpool
    for n, depth in enumerate(depths):
        setattr(net, f"layer{n + 1}", net._make_layer(block, width * 2**n, depth, stride=1 if n == 0 else 2))
    return net


class Block12(nn.Module):
    """Lee et al. 2019, as in their MetaOptNet: models/ResNet12_embedding.py, without drop block."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        self.conv3, self.bn3 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = F.leaky_relu(self.bn1(self.conv1(x)), 0.1)
        y = F.leaky_relu(self.bn2(self.conv2(y)), 0.1)
        y = self.bn3(self.conv3(y)) + self.downsample(x)
        return F.max_pool2d(F.leaky_relu(y, 0.1), 2)


class ResNet12(nn.Module):
    def __init__(self, width=64, pool=True):
        super().__init__()
        sizes = [3, width, width * 5 // 2, width * 5, width * 10]
        for n in range(4):
            setattr(self, f"layer{n + 1}", nn.Sequential(Block12(sizes[n], sizes[n + 1])))
        self.pool = pool

    def forward(self, x):
        for n in range(4):
            x = getattr(self, f"layer{n + 1}")(x)
        return x.mean((2, 3)) if self.pool else x.flatten(1)


class WideBlock(nn.Module):
    """Zagoruyko and Komodakis 2016, named as in xternalz/WideResNet-pytorch."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(inputs), nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn2, self.conv2 = nn.BatchNorm2d(outputs), nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.convShortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if inputs != outputs else None

    def forward(self, x):
        y = F.relu(self.bn1(x))
        shortcut = x if self.convShortcut is None else self.convShortcut(y)
        return shortcut + self.conv2(F.relu(self.bn2(self.conv1(y))))


class Stage(nn.Module):
    def __init__(self, inputs, outputs, stride, depth):
        super().__init__()
        blocks = [WideBlock(inputs if i == 0 else outputs, outputs, stride if i == 0 else 1) for i in range(depth)]
        self.layer = nn.Sequential(*blocks)

    def forward(self, x):
        return self.layer(x)


class WideResNet(nn.Module):
    def __init__(self, depth=28, width=10):
        super().__init__()
        n, sizes = (depth - 4) // 6, [16, 16 * width, 32 * width, 64 * width]
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.block1, self.block2 = Stage(sizes[0], sizes[1], 1, n), Stage(sizes[1], sizes[2], 2, n)
        self.block3, self.bn1 = Stage(sizes[2], sizes[3], 2, n), nn.BatchNorm2d(sizes[3])

    def forward(self, x):
        return F.relu(self.bn1(self.block3(self.block2(self.block1(self.conv1(x)))))).mean((2, 3))


def conv4(width):
    """Snell et al. 2017, as in their prototypical-networks: protonets/models/few_shot.py."""
    block = lambda i: nn.Sequential(nn.Conv2d(i, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(2))
    return nn.Sequential(block(3), block(width), block(width), block(width), nn.Flatten())


def mlp(sizes, **options):
    return torchvision.ops.MLP(sizes[0], sizes[1:], **options)


def vit(image, patch, dim, depth, heads, **options):
    """timm's, without its classifier."""
    return timm.models.vision_transformer.VisionTransformer(
        img_size=image, patch_size=patch, embed_dim=dim, depth=depth, num_heads=heads, num_classes=0, **options)


def convnext(width, depths):
    """torchvision's, without its classifier's last layer."""
    sizes = [width * 2**n for n in range(4)]
    settings = [CNBlockConfig(size, after, depth) for size, after, depth in zip(sizes, [*sizes[1:], None], depths)]
    net = ConvNeXt(settings, layer_scale=1e-6)
    net.classifier[2] = nn.Identity()
    return net


def network(net, shape):
    fill(net)
    x = noise("input", shape).requires_grad_()
    y = net(x)
    (y * noise("weight of the loss", tuple(y.shape))).sum().backward()
    after = buffers(net)
    return {"input": list(shape), "output_shape": list(y.shape), "output": numbers(y), "input_gradient": x.grad.norm().item(),
            "gradients": {n: p.grad.norm().item() for n, p in net.named_parameters()}, "buffers": after,
            "eval": numbers(net.eval()(x))}


def networks():
    return {
        "resnet10": network(resnet(BasicBlock, [1, 1, 1, 1], 4, "cifar"), (3, 3, 17, 15)),
        "bottlenecks": network(resnet(Bottleneck, [3, 4, 6, 3], 2, "cifar"), (3, 3, 16, 17)),
        "resnet12": network(ResNet12(4), (3, 3, 33, 35)),
        "resnet12 unpooled": network(ResNet12(2, False), (2, 3, 33, 50)),
        "wide_resnet": network(WideResNet(16, 1), (3, 3, 13, 12)),
        "conv4": network(conv4(5), (3, 3, 28, 37)),
        "vit": network(vit(16, 4, 12, 3, 3), (3, 3, 16, 16)),
        "vit pooled": network(vit(8, 4, 8, 2, 2, global_pool="avg", mlp_ratio=2), (2, 3, 8, 8)),
        "convnext": network(convnext(4, [1, 1, 2, 1]), (2, 3, 64, 33)),
        "mlp": network(mlp([5, 7, 4, 3]), (4, 5)),
        "mlp normed": network(mlp([5, 7, 3], norm_layer=nn.BatchNorm1d, activation_layer=nn.GELU, bias=False), (4, 5)),
    }


def all_shapes():
    models = torchvision.models
    return {
        "resnet10": shapes(resnet(BasicBlock, [1, 1, 1, 1], 64, "imagenet")),
        "resnet101": shapes(models.resnet101(weights=None)),
        "resnet12": shapes(ResNet12()),
        "wide_resnet28_10": shapes(WideResNet()),
        "conv4": shapes(conv4(64)),
        "vit_tiny": shapes(timm.create_model("vit_tiny_patch16_224", pretrained=False, num_classes=0)),
        "vit_small": shapes(timm.create_model("vit_small_patch16_224", pretrained=False, num_classes=0)),
        "convnext_tiny": shapes(convnext(96, [3, 3, 9, 3])),
    }


if __name__ == "__main__":
    torch.manual_seed(0)
    out = sys.argv[1] if len(sys.argv) > 1 else "tests/fixtures/structure.json"
    with open(out, "w") as file:
        json.dump({"layers": layers(), "networks": networks(), "shapes": all_shapes()}, file, separators=(",", ":"))
