//! Reductions of a tensor on the CPU device: sum, mean, norm, variance, whatever the order of its dims in memory.

use burn_dispatch::{DispatchTensor, backends::flex::FlexTensor};

use super::{
    floats::{plain, tensor, untaped},
    fold::Extent,
};

/// What many values become.
#[derive(Clone, Copy, Debug)]
pub(in crate::tensor) enum Statistic {
    /// Σ x.
    Sum,
    /// Σ x / n.
    Mean,
    /// √Σ x².
    Norm,
    /// Σ (x − mean)² / divisor.
    Variance { divisor: f64 },
    /// The root of the variance.
    Deviation { divisor: f64 },
}

/// The reduction over one dim, which stays as 1, or over all of them, all of which stay as 1. None for a tensor that is
/// not on the CPU device, or on a tape.
pub(in crate::tensor) fn reduce(
    raw: DispatchTensor,
    dim: Option<usize>,
    statistic: Statistic,
) -> Option<DispatchTensor> {
    let source = plain(raw)?;
    let (source, order) = match memory_order(&source) {
        Some(order) => (source, order),
        None => {
            let dims = source.layout().shape().num_dims();
            (source.to_contiguous(), (0..dims).collect())
        }
    };
    let sizes: Vec<usize> = order.iter().map(|dim| source.layout().shape()[*dim]).collect();
    let start = source.layout().start_offset();
    let values: &[f32] = source.storage();
    let values = &values[start..start + sizes.iter().product::<usize>()];
    let Some(dim) = dim else {
        let extent = Extent { outer: 1, along: values.len(), inner: 1 };
        return Some(untaped(tensor(statistic.of(extent, values), &vec![1; sizes.len()])));
    };
    let axis = order.iter().position(|other| *other == dim)?;
    let extent =
        Extent { outer: sizes[..axis].iter().product(), along: sizes[axis], inner: sizes[axis + 1..].iter().product() };
    let mut kept = sizes;
    kept[axis] = 1;
    // Dims go back from their order in memory to their own.
    let mut back = vec![0; order.len()];
    order.iter().enumerate().for_each(|(position, dim)| back[*dim] = position);
    Some(untaped(tensor(statistic.of(extent, values), &kept).permute(&back)))
}

impl Statistic {
    fn of(self, extent: Extent, values: &[f32]) -> Vec<f32> {
        let count = extent.along as f64;
        let mut found = match self {
            Self::Sum | Self::Mean => extent.fold(values, None, |value, _| value),
            Self::Norm => extent.fold(values, None, |value, _| value * value),
            Self::Variance { .. } | Self::Deviation { .. } => {
                let mut means = extent.fold(values, None, |value, _| value);
                means.iter_mut().for_each(|mean| *mean /= count);
                extent.fold(values, Some(&means), |value, mean| (value - mean) * (value - mean))
            }
        };
        match self {
            Self::Sum => {}
            Self::Mean => found.iter_mut().for_each(|sum| *sum /= count),
            Self::Norm => found.iter_mut().for_each(|squares| *squares = squares.sqrt()),
            Self::Variance { divisor } => found.iter_mut().for_each(|squares| *squares /= divisor),
            Self::Deviation { divisor } => found.iter_mut().for_each(|squares| *squares = (*squares / divisor).sqrt()),
        }
        found.into_iter().map(|value| value as f32).collect()
    }
}

/// The dims in the order in which they lie in memory, the slowest first; none where values overlap, have gaps between
/// them, or lie backwards.
fn memory_order(source: &FlexTensor) -> Option<Vec<usize>> {
    let (shape, strides) = (source.layout().shape(), source.layout().strides());
    let mut order: Vec<usize> = (0..strides.len()).collect();
    // A dim of 1 has any stride: it may stand anywhere, and stays where it is among its equals.
    order.sort_by_key(|dim| std::cmp::Reverse(if shape[*dim] == 1 { isize::MAX } else { strides[*dim] }));
    let mut next = 1;
    for dim in order.iter().rev().filter(|dim| shape[**dim] != 1) {
        if strides[*dim] != next {
            return None;
        }
        next *= isize::try_from(shape[*dim]).ok()?;
    }
    Some(order)
}
