//! One operation as a case. Sizes are odd, or no powers of two, so that the last workgroup of a kernel is not full and
//! nothing is vectorised by luck; a few are, so that the vectorised kernels are met as well. The large ones span many
//! workgroups.

use crate::{
    Device, Result, Tensor,
    parity::{Case, Group, Output, derivative::differentiate, noise, tolerance::EXACT},
};

/// 11,137 values: 43 workgroups of 256 and a part of one.
pub(super) const LARGE: [usize; 2] = [37, 301];

/// 8,192 values, whose rows can be read four at a time.
pub(super) const EVEN: [usize; 2] = [64, 128];

/// An operation whose value and gradients by every input are compared. The inputs are noise of these shapes and ranges.
pub(super) fn differentiable<const N: usize>(
    name: &str,
    tolerance: f64,
    inputs: [(Vec<usize>, [f32; 2]); N],
    f: impl Fn(&[Tensor]) -> Result<Tensor> + 'static,
) -> Case {
    let names: Vec<String> = (1..=N).map(|number| format!("input {number}")).collect();
    let title = name.to_owned();
    Case::new(Group::Operation, name, tolerance, move |device| {
        let made = names.iter().zip(&inputs).map(|(name, (shape, range))| {
            Ok((name.as_str(), noise::uniform(&format!("{title}, {name}"), shape, *range, device)?))
        });
        differentiate(&made.collect::<Result<Vec<_>>>()?, &f)
    })
}

/// An operation of one input in −1 … 1.
pub(super) fn unary(
    name: &str,
    tolerance: f64,
    shape: &[usize],
    f: impl Fn(&Tensor) -> Result<Tensor> + 'static,
) -> Case {
    differentiable(name, tolerance, [(shape.to_vec(), [-1.0, 1.0])], move |inputs| f(&inputs[0]))
}

/// Named values without a gradient, which have to be the same bits on every device.
pub(super) fn exact<const N: usize>(
    name: &str,
    names: [&'static str; N],
    f: impl Fn(&Device) -> Result<[Tensor; N]> + 'static,
) -> Case {
    Case::new(Group::Operation, name, EXACT, move |device| {
        let values = names.iter().zip(f(device)?);
        values.map(|(name, value)| Ok(Output::forward(*name, value.floats()?))).collect()
    })
}
