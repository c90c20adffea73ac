//! Arithmetic of few floats on the CPU device, without what Burn does around it: copies of handles, a look at the shapes,
//! a choice of instructions.

use burn_backend::DType;
use burn_dispatch::{BackendTensor, DispatchTensor, DispatchTensorKind};

use super::{
    floats::{tensor, untaped},
    integers::Arithmetic,
};

/// From so many on, Burn's wide instructions are worth their setting up.
const FEW: usize = 64;

/// A sum, difference or product of two tensors of the same shape. None where Burn is to compute it: there are more
/// elements, they are not floats on the CPU device, or they lie in another order.
pub(in crate::tensor) fn arithmetic(
    left: &DispatchTensor,
    right: &DispatchTensor,
    shape: &[usize],
    which: Arithmetic,
) -> Option<DispatchTensor> {
    let combine = match which {
        Arithmetic::Add => |(left, right)| left + right,
        Arithmetic::Subtract => |(left, right)| left - right,
        Arithmetic::Multiply => |(left, right)| left * right,
        _ => return None,
    };
    let pairs = few(left)?.iter().copied().zip(few(right)?.iter().copied());
    let combined: Vec<f32> = pairs.map(combine).collect();
    let dims: &[usize] = if shape.is_empty() { &[1] } else { shape };
    Some(untaped(tensor(combined, dims)))
}

fn few(tensor: &DispatchTensor) -> Option<&[f32]> {
    match &tensor.kind {
        DispatchTensorKind::Flex(BackendTensor::Float(tensor)) if tensor.layout().num_elements() <= FEW => {
            if tensor.dtype() == DType::F32 { tensor.as_slice() } else { None }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Device, Result, Tensor,
        rng::{DrawKey, Stream},
    };

    type Binary = fn(&Tensor, &Tensor) -> Result<Tensor>;

    #[test]
    fn few_are_what_they_are_among_many() {
        let draw = |name| {
            let many = Tensor::randn(&[30, 7], Stream::new(3, name), DrawKey::default(), &Device::cpu()).unwrap();
            (many.slice(0, 4, 9).unwrap(), many)
        };
        let ((few_left, left), (few_right, right)) = (draw("left"), draw("right"));
        for combine in [Tensor::add as Binary, Tensor::sub, Tensor::mul] {
            let few = combine(&few_left, &few_right).unwrap().floats().unwrap();
            let many = combine(&left, &right).unwrap().slice(0, 4, 9).unwrap().floats().unwrap();
            assert_eq!(few, many);
        }
    }
}
