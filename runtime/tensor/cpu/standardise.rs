//! Rows brought to mean 0 and variance 1, scaled and shifted, and the gradients: each a row at a time, in the core's cache.

use burn_dispatch::backends::flex::FlexTensor;
use rayon::prelude::*;

use super::{
    buffer::Buffer,
    floats::{beside, contiguous, floats},
    lanes::{dot, squares, sum},
    loops::{Loop, least_parts, shared, with_instructions},
};
use crate::tensor::Tensor;

/// Values that one thread takes at a time, about: of gradients, whose sums over rows are one for each part, more.
const CHUNK: usize = 1 << 13;
const LONG_CHUNK: usize = 1 << 15;
/// The most parts that keep sums of their own, and the least rows of one: sums take 16 bytes for each value of a row.
const MOST_PARTS: usize = 64;
const LEAST_ROWS: usize = 16;

/// The last dims of a tensor as rows of so many values, the variance of which is increased by `epsilon`.
#[derive(Clone, Copy)]
pub(in crate::tensor) struct Standard {
    pub width: usize,
    pub epsilon: f64,
}

/// A mean in two numbers, and 1 / √(variance + ε): of each row.
type Row = [f32; 3];

impl Standard {
    /// The output, and mean, what is left of the mean, and 1 / √(variance + ε) of each row. Weight and bias have as many
    /// values as a row. None for tensors that are not float32 on the CPU device.
    pub fn forward(self, input: &Tensor, affine: [Option<&Tensor>; 2]) -> Option<(Tensor, [Tensor; 3])> {
        let [values] = contiguous([input])?;
        let (values, affine) = (floats(&values), Affine::of(affine)?);
        let mut output = Buffer::stale(values.len());
        let mut rows: Vec<Row> = vec![[0.0; 3]; values.len() / self.width];
        let size = CHUNK.div_ceil(self.width);
        let parts = output.par_chunks_mut(size * self.width).zip(rows.par_chunks_mut(size)).enumerate();
        shared(values.len(), size * self.width, parts, |(part, (output, rows))| {
            let from = part * size * self.width;
            let values = &values[from..from + output.len()];
            with_instructions(Forward { standard: self, values, affine: affine.slices(), output, rows });
        });
        let moment =
            |place: usize| beside(input, rows.iter().map(|row| row[place]).collect::<Vec<_>>(), &self.each(input));
        Some((beside(input, output, input.shape()), [moment(0), moment(1), moment(2)]))
    }

    /// The gradients by input, weight and bias. With x̂ the rows before weight and bias and g the gradient times the
    /// weight: (g − mean g − x̂ · mean (g · x̂)) / √(variance + ε), Σ gradient · x̂, Σ gradient. The two sums only where
    /// they are wanted. As [`Standard::forward`].
    pub fn gradients(
        self,
        input: &Tensor,
        moments: [&Tensor; 3],
        weight: Option<&Tensor>,
        by: &Tensor,
        wants_sums: bool,
    ) -> Option<(Tensor, Option<[Tensor; 2]>)> {
        let [values, by, mean, rest, inverse] = contiguous([input, by, moments[0], moments[1], moments[2]])?;
        let (values, by, affine) = (floats(&values), floats(&by), Affine::of([weight, None])?);
        let rows: Vec<Row> =
            floats(&mean).iter().zip(floats(&rest)).zip(floats(&inverse)).map(|((a, b), c)| [*a, *b, *c]).collect();
        let mut target = Buffer::stale(values.len());
        let most = MOST_PARTS.min((rows.len() / LEAST_ROWS).max(1));
        let size = LONG_CHUNK.div_ceil(self.width).max(if wants_sums { rows.len().div_ceil(most) } else { 1 });
        let sums_of = if wants_sums { self.width } else { 0 };
        let part = |(part, target): (usize, &mut [f32])| {
            let first = part * size;
            let own = first * self.width..first * self.width + target.len();
            let mut sums = [vec![0.0; sums_of], vec![0.0; sums_of]];
            let rows = &rows[first..first + target.len() / self.width];
            let (values, by, [weight, _]) = (&values[own.clone()], &by[own], affine.slices());
            with_instructions(Backward { width: self.width, values, by, rows, weight, target, sums: &mut sums });
            sums
        };
        let parts = target.par_chunks_mut(size * self.width).enumerate();
        let least = least_parts(values.len(), size * self.width);
        let all: Vec<[Vec<f64>; 2]> = parts.with_min_len(least).map(part).collect();
        let by_input = beside(input, target, input.shape());
        if !wants_sums {
            return Some((by_input, None));
        }
        let mut sums = [vec![0.0; self.width], vec![0.0; self.width]];
        for part in all {
            for (sums, part) in sums.iter_mut().zip(part) {
                sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
            }
        }
        let sums = sums.map(|sums| {
            let sums: Vec<f32> = sums.into_iter().map(|sum| sum as f32).collect();
            beside(input, sums, &[self.width])
        });
        Some((by_input, Some(sums)))
    }

    /// The shape of a number for each row.
    fn each(self, input: &Tensor) -> Vec<usize> {
        let mut each = input.shape().to_vec();
        let mut left = self.width;
        for size in each.iter_mut().rev() {
            if left == 1 {
                break;
            }
            left /= *size;
            *size = 1;
        }
        each
    }
}

/// Weight and bias, of which either may be missing.
struct Affine([Option<FlexTensor>; 2]);

impl Affine {
    fn of(tensors: [Option<&Tensor>; 2]) -> Option<Self> {
        let mut found = [None, None];
        for (found, tensor) in found.iter_mut().zip(tensors) {
            if let Some(tensor) = tensor {
                let [own] = contiguous([tensor])?;
                *found = Some(own);
            }
        }
        Some(Self(found))
    }

    fn slices(&self) -> [Option<&[f32]>; 2] {
        self.0.each_ref().map(|tensor| tensor.as_ref().map(floats))
    }
}

struct Forward<'a> {
    standard: Standard,
    values: &'a [f32],
    affine: [Option<&'a [f32]>; 2],
    output: &'a mut [f32],
    rows: &'a mut [Row],
}

impl Loop for Forward<'_> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { standard: Standard { width, epsilon }, values, affine: [weight, bias], output, rows } = self;
        let rows = rows.iter_mut().zip(values.chunks(width)).zip(output.chunks_mut(width));
        for ((row, values), output) in rows {
            let exact = sum(values) / width as f64;
            let variance = squares(values, exact) / width as f64;
            let mean = exact as f32;
            let (rest, inverse) = ((exact - f64::from(mean)) as f32, (1.0 / (variance + epsilon).sqrt()) as f32);
            *row = [mean, rest, inverse];
            for (output, value) in output.iter_mut().zip(values) {
                *output = (value - mean - rest) * inverse;
            }
            if let Some(weight) = weight {
                for (output, weight) in output.iter_mut().zip(weight) {
                    *output *= weight;
                }
            }
            if let Some(bias) = bias {
                for (output, bias) in output.iter_mut().zip(bias) {
                    *output += bias;
                }
            }
        }
    }
}

struct Backward<'a> {
    width: usize,
    values: &'a [f32],
    by: &'a [f32],
    rows: &'a [Row],
    weight: Option<&'a [f32]>,
    target: &'a mut [f32],
    /// By weight and by bias.
    sums: &'a mut [Vec<f64>; 2],
}

impl Loop for Backward<'_> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { width, values, by, rows, weight, target, sums: [by_weight, by_bias] } = self;
        let mut normal = vec![0.0; width];
        let operands = values.chunks(width).zip(by.chunks(width)).zip(target.chunks_mut(width));
        for (((values, by), target), [mean, rest, inverse]) in operands.zip(rows) {
            for (normal, value) in normal.iter_mut().zip(values) {
                *normal = (value - mean - rest) * inverse;
            }
            let sums = by_weight.iter_mut().zip(by_bias.iter_mut()).zip(by.iter().zip(&normal));
            for ((by_weight, by_bias), (by, normal)) in sums {
                *by_weight += f64::from(by * normal);
                *by_bias += f64::from(*by);
            }
            match weight {
                Some(weight) => {
                    for ((target, by), weight) in target.iter_mut().zip(by).zip(weight) {
                        *target = by * weight;
                    }
                }
                None => target.copy_from_slice(by),
            }
            let level = (sum(target) / width as f64) as f32;
            let along = (dot(target, &normal) / width as f64) as f32;
            for (target, normal) in target.iter_mut().zip(&normal) {
                *target = (*target - level - normal * along) * inverse;
            }
        }
    }
}
