//! Reductions of a tensor on the CPU device: sum, mean, norm, variance, whatever the order of its dims in memory.

use burn_dispatch::{DispatchTensor, backends::flex::FlexTensor};

use super::{
    dense::{memory_order, places, values},
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
    let (source, order) = in_memory_order(plain(raw)?);
    let sizes: Vec<usize> = order.iter().map(|dim| source.layout().shape()[*dim]).collect();
    let values = values(&source);
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
    Some(untaped(tensor(statistic.of(extent, values), &kept).permute(&places(&order))))
}

/// A tensor whose values lie without gaps, and the order of its dims in memory.
fn in_memory_order(source: FlexTensor) -> (FlexTensor, Vec<usize>) {
    match memory_order(&source) {
        Some(order) => (source, order),
        None => {
            let dims = source.layout().shape().num_dims();
            (source.to_contiguous(), (0..dims).collect())
        }
    }
}

/// The sum over some dims, which stay as 1. Dims that follow one another in memory are one sum, with one rounding. None
/// for a tensor that is not on the CPU device, or on a tape.
pub(in crate::tensor) fn sum_over(raw: DispatchTensor, is_summed: impl Fn(usize) -> bool) -> Option<DispatchTensor> {
    let (source, order) = in_memory_order(plain(raw)?);
    let mut sizes: Vec<usize> = order.iter().map(|dim| source.layout().shape()[*dim]).collect();
    let summed: Vec<bool> = order.iter().map(|dim| is_summed(*dim)).collect();
    let mut sums: Option<Vec<f32>> = None;
    let mut end = sizes.len();
    while end > 0 {
        if !summed[end - 1] || sizes[end - 1] == 1 {
            end -= 1;
            continue;
        }
        let is_more = |dim: &usize| summed[*dim] || sizes[*dim] == 1;
        let begin = (0..end).rev().take_while(is_more).last().unwrap_or(end - 1);
        let count = |dims: &[usize]| dims.iter().product::<usize>();
        let extent =
            Extent { outer: count(&sizes[..begin]), along: count(&sizes[begin..end]), inner: count(&sizes[end..]) };
        sums = Some(Statistic::Sum.of(extent, sums.as_deref().unwrap_or_else(|| values(&source))));
        sizes[begin..end].fill(1);
        end = begin;
    }
    let kept = match sums {
        Some(sums) => tensor(sums, &sizes).permute(&places(&order)),
        None => source,
    };
    Some(untaped(kept))
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
