//! Arithmetic of int tensors on the CPU device that does not wrap: it is computed in twice their bits, and a result that
//! does not fit is an error.

use std::ops::{Add, Div, Mul, Rem, Sub};

use burn_backend::{DType, Element, TensorData};
use burn_dispatch::{
    BackendTensor, DispatchAutodiffContext, DispatchTensor, DispatchTensorKind, backends::flex::FlexTensor,
};

/// An operation on two ints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tensor) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    /// Rounded down.
    Divide,
    /// What a division leaves, with the sign of the divisor.
    Remainder,
    /// The same with the sign of the dividend.
    Rest,
}

/// What does not fit: the operands where it was found first, and what they give. A division by 0 gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tensor) struct Overflow {
    pub left: i64,
    pub right: i64,
    pub result: Option<i128>,
}

impl Arithmetic {
    /// As it is written between its operands.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "//",
            Self::Remainder => "%",
            Self::Rest => "fmod",
        }
    }

    /// The exact result; none where the divisor is 0.
    fn of<W: Wide>(self, left: W, right: W) -> Option<W> {
        let zero = W::default();
        match self {
            Self::Add => Some(left + right),
            Self::Subtract => Some(left - right),
            Self::Multiply => Some(left * right),
            _ if right == zero => None,
            Self::Divide => {
                let (quotient, rest) = (left / right, left % right);
                // Division goes towards 0: one too high where the signs differ and a rest is left.
                let is_high = rest != zero && (rest < zero) != (right < zero);
                Some(if is_high { quotient - W::from(1) } else { quotient })
            }
            Self::Rest => Some(left % right),
            Self::Remainder => {
                let rest = left % right;
                Some(if rest != zero && (rest < zero) != (right < zero) { rest + right } else { rest })
            }
        }
    }
}

/// Whole numbers with twice the bits of an element.
trait Wide:
    Copy
    + Default
    + PartialOrd
    + From<i32>
    + Into<i128>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Rem<Output = Self>
{
}

impl Wide for i64 {}
impl Wide for i128 {}

/// left ∘ right for int tensors of one shape. None for tensors that are not on the CPU device.
pub(in crate::tensor) fn arithmetic(
    which: Arithmetic,
    left: DispatchTensor,
    right: DispatchTensor,
    shape: &[usize],
) -> Option<Result<DispatchTensor, Overflow>> {
    let (left, right) = (ints(left)?, ints(right)?);
    if left.dtype() == DType::I64 {
        return Some(exact::<i64, i128>(which, left.storage(), right.storage()).map(|values| wrap(values, shape)));
    }
    let (left, right): (&[i32], &[i32]) = (left.storage(), right.storage());
    let wrapped = match which {
        Arithmetic::Add => wrapping(left, right, i32::wrapping_add, |left, right, sum| (left ^ sum) & (right ^ sum)),
        Arithmetic::Subtract => {
            wrapping(left, right, i32::wrapping_sub, |left, right, rest| (left ^ right) & (left ^ rest))
        }
        _ => None,
    };
    if let Some(values) = wrapped {
        return Some(Ok(wrap(values, shape)));
    }
    Some(exact::<i32, i64>(which, left, right).map(|values| wrap(values, shape)))
}

/// Each result in twice the bits, unless it does not fit.
fn exact<T: Copy + Into<i64> + Into<W> + TryFrom<W>, W: Wide>(
    which: Arithmetic,
    left: &[T],
    right: &[T],
) -> Result<Vec<T>, Overflow> {
    let results = left.iter().zip(right).map(|(&left, &right)| {
        let result = which.of::<W>(left.into(), right.into());
        let fits = result.and_then(|result| T::try_from(result).ok());
        fits.ok_or_else(|| Overflow { left: left.into(), right: right.into(), result: result.map(Into::into) })
    });
    results.collect()
}

/// The results where none has left 32 bits, which the sign of `left_bits` tells: without a branch per element, so that
/// several are computed side by side.
fn wrapping(
    left: &[i32],
    right: &[i32],
    result: impl Fn(i32, i32) -> i32,
    left_bits: impl Fn(i32, i32, i32) -> i32,
) -> Option<Vec<i32>> {
    let mut signs = 0;
    let values = left.iter().zip(right).map(|(&left, &right)| {
        let value = result(left, right);
        signs |= left_bits(left, right, value);
        value
    });
    let values: Vec<i32> = values.collect();
    (signs >= 0).then_some(values)
}

fn ints(tensor: DispatchTensor) -> Option<FlexTensor> {
    plain(tensor).map(|tensor| tensor.to_contiguous())
}

/// The int tensor of the CPU device below a dispatch tensor.
pub(super) fn plain(tensor: DispatchTensor) -> Option<FlexTensor> {
    match tensor.kind {
        DispatchTensorKind::Flex(BackendTensor::Int(tensor)) => Some(tensor),
        _ => None,
    }
}

fn wrap<T: Element>(values: Vec<T>, shape: &[usize]) -> DispatchTensor {
    untaped(FlexTensor::from_data(TensorData::new(values, shape.to_vec())))
}

/// An int tensor that is on no tape.
pub(super) fn untaped(tensor: FlexTensor) -> DispatchTensor {
    DispatchTensor {
        kind: DispatchTensorKind::Flex(BackendTensor::Int(tensor)),
        autodiff: DispatchAutodiffContext::Disabled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_are_rounded_down_and_remainders_have_the_divisors_sign() {
        for left in -9i64..=9 {
            for right in (-4i64..=4).filter(|right| *right != 0) {
                let want = (left as f64 / right as f64).floor() as i64;
                assert_eq!(Arithmetic::Divide.of(left, right), Some(want), "{left} // {right}");
                assert_eq!(Arithmetic::Divide.of(i128::from(left), right.into()), Some(want.into()));
                assert_eq!(Arithmetic::Rest.of(left, right), Some((left as f64 % right as f64) as i64));
                assert_eq!(Arithmetic::Remainder.of(left, right), Some(left - want * right), "{left} % {right}");
            }
        }
        assert_eq!(Arithmetic::Divide.of(i64::from(i32::MIN), -1), Some(1 << 31));
        assert_eq!(Arithmetic::Divide.of(1i64, 0), None);
    }
}
