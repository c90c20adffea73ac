//! Operations on images [N, C, H, W].

use super::operation::{differentiable, unary};
use crate::{
    parity::{
        Case, Group, Output,
        derivative::weighted_sum,
        noise::{noise, uniform},
        tolerance::{EXACT, LAYER, SUM},
    },
    tensor::{Convolution, Window, gradients},
};

/// Name, input, weight, and how it moves.
type Shape = (&'static str, [usize; 4], [usize; 4], Convolution);

const CONVOLUTIONS: [Shape; 11] = [
    ("conv2d 3×3", [3, 5, 13, 11], [7, 5, 3, 3], moves([1, 1], [1, 1], 1)),
    ("conv2d 3×3, even channels", [4, 16, 16, 16], [32, 16, 3, 3], moves([1, 1], [1, 1], 1)),
    ("conv2d 3×3, stride 2", [3, 8, 13, 11], [6, 8, 3, 3], moves([2, 2], [1, 1], 1)),
    ("conv2d 1×1", [3, 6, 13, 11], [9, 6, 1, 1], moves([1, 1], [0, 0], 1)),
    ("conv2d 1×1, stride 2", [3, 6, 13, 11], [9, 6, 1, 1], moves([2, 2], [0, 0], 1)),
    ("conv2d 7×7, stride 2", [2, 3, 33, 31], [5, 3, 7, 7], moves([2, 2], [3, 3], 1)),
    ("conv2d 2×3, uneven", [3, 4, 13, 11], [3, 4, 2, 3], moves([1, 2], [0, 1], 1)),
    ("conv2d in groups", [3, 4, 13, 11], [6, 2, 3, 3], moves([1, 1], [1, 1], 2)),
    ("conv2d per channel", [3, 6, 13, 11], [6, 1, 3, 3], moves([1, 1], [1, 1], 6)),
    ("conv2d dilated", [3, 5, 13, 11], [7, 5, 3, 3], dilated([2, 3], moves([2, 1], [2, 3], 1))),
    ("conv2d dilated, in groups", [3, 4, 13, 11], [6, 2, 3, 3], dilated([2, 2], moves([1, 1], [2, 2], 2))),
];

const fn moves(stride: [usize; 2], padding: [usize; 2], groups: usize) -> Convolution {
    Convolution { stride, padding, dilation: [1, 1], groups }
}

const fn dilated(dilation: [usize; 2], moves: Convolution) -> Convolution {
    Convolution { dilation, ..moves }
}

pub(super) fn cases() -> Vec<Case> {
    let range = [-1.0, 1.0];
    let convolutions = CONVOLUTIONS.into_iter().map(|(name, input, weight, moves)| {
        let inputs = [(input.to_vec(), range), (weight.to_vec(), range), (vec![weight[0]], range)];
        differentiable(name, SUM, inputs, move |inputs| inputs[0].conv2d(&inputs[1], Some(&inputs[2]), moves))
    });
    let images = [3, 5, 13, 11];
    let window = |kernel: usize, stride: usize, padding: usize| Window {
        kernel: [kernel; 2],
        stride: [stride; 2],
        padding: [padding; 2],
    };
    let others = [
        unary("max_pool2d", EXACT, &images, move |x| x.max_pool2d(window(2, 2, 0))),
        unary("max_pool2d with overlap", SUM, &images, move |x| x.max_pool2d(window(3, 2, 1))),
        unary("avg_pool2d", SUM, &images, move |x| x.avg_pool2d(window(2, 2, 0))),
        unary("avg_pool2d with overlap", SUM, &images, move |x| x.avg_pool2d(window(3, 2, 1))),
        unary("adaptive_avg_pool2d", SUM, &images, |x| x.adaptive_avg_pool2d([4, 3])),
        unary("global_avg_pool", SUM, &images, |x| x.global_avg_pool()),
        batch_norm_train("batch_norm_train of images", vec![6, 5, 13, 11]),
        batch_norm_train("batch_norm_train of rows", vec![37, 21]),
        differentiable(
            "batch_norm with given statistics",
            LAYER,
            [
                (images.to_vec(), range),
                (vec![5], [0.5, 1.5]),
                (vec![5], range),
                (vec![5], range),
                (vec![5], [0.5, 1.5]),
            ],
            |inputs| inputs[0].batch_norm(&inputs[1], &inputs[2], &inputs[3], &inputs[4], 1e-5),
        ),
    ];
    convolutions.chain(others).collect()
}

fn batch_norm_train(name: &'static str, shape: Vec<usize>) -> Case {
    Case::new(Group::Operation, name, LAYER, move |device| {
        let channels = [shape[1]];
        let inputs = [
            uniform(name, &shape, [-1.0, 2.0], device)?.requires_grad()?,
            uniform("weight", &channels, [0.5, 1.5], device)?.requires_grad()?,
            noise("bias", &channels, device)?.requires_grad()?,
        ];
        let batch = inputs[0].batch_norm_train(&inputs[1], &inputs[2], 1e-5)?;
        let forward = [("output", &batch.output), ("mean", &batch.mean), ("variance", &batch.variance)];
        let mut found = Vec::new();
        for (name, tensor) in forward {
            found.push(Output::forward(name, tensor.floats()?));
        }
        let by_inputs = gradients(&weighted_sum(&batch.output)?, &inputs)?;
        for (name, gradient) in ["input", "weight", "bias"].into_iter().zip(by_inputs) {
            found.push(Output::backward(format!("gradient of {name}"), gradient.floats()?));
        }
        Ok(found)
    })
}
