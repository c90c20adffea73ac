//! Products in float16. The CPU rounds operands and results to it and adds up in float32, which is what a device is to
//! do.

use super::{
    Case, Group, Output, Pass,
    derivative::{differentiate, differentiate_layer, realised},
    noise::noise,
};
use crate::{
    Result, Tensor,
    nn::{self, Conv2dOptions, Module},
    tensor::{Convolution, Precision, autocast},
};

/// A unit in the last place of float16 is 2⁻¹⁰ = 9.8e-4 of a value at most. Sums of the same operands in another order
/// are 1e-7 apart, which now and then rounds a result to the other neighbour: one unit. WGSL leaves open to which
/// neighbour a value is rounded. So operands may be a unit apart as well, in either direction by chance, which together
/// makes another unit or two.
const PRODUCT: f64 = 4e-3;

/// For the gradients of a convolution. Burn's kernels on a GPU were measured. The gradient by the weight is off by 7e-3
/// for a sum of 1,024 terms and by 4e-3 for 429, the gradient by the input by 5e-3 for 288. Sums in float16 are off by
/// that much: half a unit for each of √n terms.
const CONVOLUTION_GRADIENT: f64 = 2e-2;

type Product = fn(&Tensor, &Tensor) -> Result<Tensor>;

/// Name, left and right operand.
const PRODUCTS: [(&str, &[usize], &[usize], Product); 7] = [
    ("float16 matmul of odd sizes", &[67, 301], &[301, 131], Tensor::matmul),
    ("float16 matmul of even sizes", &[128, 256], &[256, 64], Tensor::matmul),
    ("float16 matmul with broadcast batches", &[5, 1, 17, 33], &[3, 33, 9], Tensor::matmul),
    ("float16 conv2d 3×3", &[3, 5, 13, 11], &[7, 5, 3, 3], |x, w| convolve(x, w, [1, 1], [1, 1], 1)),
    ("float16 conv2d 3×3, even channels", &[4, 16, 16, 16], &[32, 16, 3, 3], |x, w| convolve(x, w, [1, 1], [1, 1], 1)),
    ("float16 conv2d 1×1, stride 2", &[3, 6, 13, 11], &[9, 6, 1, 1], |x, w| convolve(x, w, [2, 2], [0, 0], 1)),
    ("float16 conv2d in groups", &[3, 4, 13, 11], &[6, 2, 3, 3], |x, w| convolve(x, w, [1, 1], [1, 1], 2)),
];

pub(super) fn cases() -> Vec<Case> {
    let products = PRODUCTS.into_iter().map(|(name, left, right, product)| {
        Case::new(Group::Operation, name, PRODUCT, move |device| {
            let inputs = [("left", noise(name, left, device)?), ("right", noise("right", right, device)?)];
            let found = autocast(Precision::Float16, || differentiate(&inputs, |it| product(&it[0], &it[1])))?;
            Ok(if right.len() == 4 { loosened(found) } else { found })
        })
    });
    let layers = [
        layer("float16 linear layer", &[37, 65], || Ok(nn::linear(65, 21, true))),
        layer("float16 conv2d layer", &[3, 6, 13, 11], || nn::conv2d(6, 8, Conv2dOptions::square(3, 2, 1))),
    ];
    products.chain(layers).map(|case| case.needing(Precision::Float16)).collect()
}

fn convolve(x: &Tensor, weight: &Tensor, stride: [usize; 2], padding: [usize; 2], groups: usize) -> Result<Tensor> {
    x.conv2d(weight, None, Convolution { stride, padding, groups, ..Convolution::default() })
}

fn layer(name: &str, input: &'static [usize], make: impl Fn() -> Result<Module> + 'static) -> Case {
    Case::new(Group::Layer, name, PRODUCT, move |device| {
        let layer = realised(make()?, device)?;
        let found = autocast(Precision::Float16, || differentiate_layer(&layer, &noise("input", input, device)?))?;
        Ok(if input.len() == 4 { loosened(found) } else { found })
    })
}

/// The outputs of a convolution, with the tolerance that its gradients have.
fn loosened(outputs: Vec<Output>) -> Vec<Output> {
    let is_gradient = |output: &Output| output.pass == Pass::Backward;
    let loosen = |output| if is_gradient(&output) { output.within(CONVOLUTION_GRADIENT) } else { output };
    outputs.into_iter().map(loosen).collect()
}
