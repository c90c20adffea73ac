//! Batch normalisation of what lies as rows of channels, with the addition and the ReLU behind it in the same pass over
//! memory. Statistics take one pass, values another; gradients take two (`gradients.rs`). Row-major images are in `batch_norm.rs`.

mod gradients;
#[cfg(test)]
mod tests;

pub(in crate::tensor) use self::gradients::scale_rows_gradients;
use super::{
    buffer::Buffer,
    floats::{beside, contiguous, floats},
    moments::Moments,
    rows::{Rows, as_rows, beside_rows, each, written_rows},
};
use crate::tensor::{BatchNorm, Behind, Tensor};

/// What a batch was normalised with.
pub(in crate::tensor) struct RowStatistics {
    /// A channel's mean is `mean + rest`: far from 0 a float32 alone is off by more than values lie apart.
    mean: Vec<f32>,
    rest: Vec<f32>,
    /// 1 / √(variance + ε).
    inverse: Vec<f32>,
}

/// Normalises `[N, C]` or `[N, C, H, W]` by the batch's own statistics; the output lies as rows of channels, on no tape.
/// None for tensors that are not on the CPU device.
pub(in crate::tensor) fn normalise_rows(
    input: &Tensor,
    [weight, bias]: [&Tensor; 2],
    epsilon: f32,
    behind: Behind<'_>,
) -> Option<(BatchNorm, RowStatistics)> {
    let (rows, values, [weight, bias]) = (Rows::of(input.shape()), as_rows(input)?, contiguous([weight, bias])?);
    let Moments { count, mean: exact, squares } = Moments::of(rows, floats(&values));
    let variance: Vec<f32> = squares.iter().map(|squares| (squares / count as f64) as f32).collect();
    let mean: Vec<f32> = exact.iter().map(|mean| *mean as f32).collect();
    let rest: Vec<f32> = exact.iter().zip(&mean).map(|(exact, mean)| (exact - f64::from(*mean)) as f32).collect();
    let inverse: Vec<f32> = variance.iter().map(|variance| 1.0 / (variance + epsilon).sqrt()).collect();
    let factor = products(floats(&weight), &inverse);
    let shift: Vec<f32> = floats(&bias).iter().zip(products(&rest, &factor)).map(|(bias, rest)| bias - rest).collect();
    let output = written(rows, floats(&values), [&mean, &factor, &shift], behind)?;
    let per_channel = |values| beside(input, values, &[rows.channels]);
    let found = BatchNorm {
        output: beside_rows(input, written_rows(output, input.shape()), input.shape()),
        mean: per_channel(mean.clone()),
        variance: per_channel(variance),
    };
    Some((found, RowStatistics { mean, rest, inverse }))
}

/// `x · scale + shift` per channel, and what is behind it. As [`normalise_rows`].
pub(in crate::tensor) fn scale_rows(
    input: &Tensor,
    [scale, shift]: [&Tensor; 2],
    behind: Behind<'_>,
) -> Option<Tensor> {
    let (rows, values, [scale, shift]) = (Rows::of(input.shape()), as_rows(input)?, contiguous([scale, shift])?);
    let zeros = vec![0.0; rows.channels];
    let output = written(rows, floats(&values), [&zeros, floats(&scale), floats(&shift)], behind)?;
    Some(beside_rows(input, written_rows(output, input.shape()), input.shape()))
}

/// `(x − mean) · factor + shift`, and what is behind it.
fn written(rows: Rows, values: &[f32], per: [&[f32]; 3], behind: Behind<'_>) -> Option<Buffer> {
    let [mean, factor, shift] = per.map(|per| rows.repeated(per));
    let per = [&mean[..], &factor, &shift];
    let norm = |value: f32, [mean, factor, shift]: [f32; 3]| (value - mean) * factor + shift;
    let mut output = Buffer::stale(values.len());
    let Some(residual) = behind.residual else {
        rows.each_part(&mut output, |part, target| match behind.relu {
            true => each(target, Some(&values[part]), [], per, |value, [], per| over_zero(norm(value, per))),
            false => each(target, Some(&values[part]), [], per, |value, [], per| norm(value, per)),
        });
        return Some(output);
    };
    let residual = as_rows(residual)?;
    let residual = floats(&residual);
    rows.each_part(&mut output, |part, target| {
        let (values, residual) = (Some(&values[part.clone()]), [&residual[part]]);
        match behind.relu {
            true => each(target, values, residual, per, |value, [other], per| over_zero(norm(value, per) + other)),
            false => each(target, values, residual, per, |value, [other], per| norm(value, per) + other),
        }
    });
    Some(output)
}

/// max(x, 0), and NaN where x is.
#[inline(always)]
fn over_zero(value: f32) -> f32 {
    if value <= 0.0 { 0.0 } else { value }
}

fn products(left: &[f32], right: &[f32]) -> Vec<f32> {
    left.iter().zip(right).map(|(left, right)| left * right).collect()
}
