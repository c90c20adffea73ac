//! The gradients of a normalisation of rows, of the addition and of the ReLU behind it, in two passes over memory.

use burn_dispatch::backends::flex::FlexTensor;

use super::{RowStatistics, products};
use crate::tensor::{
    Tensor,
    cpu::{
        buffer::Buffer,
        floats::{beside, contiguous, floats, tensor},
        rows::{Rows, as_rows, beside_rows, each, into_rows},
    },
};

/// The gradient where an output of ReLU is over 0, or NaN, as that of ReLU alone.
#[inline(always)]
fn masked(by: f32, output: f32) -> f32 {
    if output <= 0.0 { 0.0 } else { by }
}

impl RowStatistics {
    /// The gradients by input and residual, if they are wanted, between them those by weight and bias. With
    /// x̂ = (x − mean) · inverse and g the gradient in front of the ReLU, whose output is given: dbias = Σ g,
    /// dweight = Σ g·x̂, and dx = weight · inverse · (g − dbias / m − x̂ · dweight / m) for m values per channel.
    pub(in crate::tensor) fn gradients(
        &self,
        input: &Tensor,
        weight: &Tensor,
        output: Option<&Tensor>,
        by_output: Tensor,
        wants: [bool; 2],
    ) -> Option<[Option<Tensor>; 4]> {
        let Self { mean, rest, inverse } = self;
        let rows = Rows::of(input.shape());
        let (values, [weight]) = (as_rows(input)?, contiguous([weight])?);
        let (values, factor) = (floats(&values), products(floats(&weight), inverse));
        let mut by = InFront::of(by_output, output)?;
        let [plain, centred] = by.sums(rows, values, mean, wants[1]);
        let by_bias: Vec<f32> = plain.iter().map(|sum| *sum as f32).collect();
        let exact = centred.iter().zip(plain.iter().zip(rest));
        let by_weight: Vec<f32> = exact.map(|(sum, (plain, rest))| (sum - f64::from(*rest) * plain) as f32).collect();
        let by_weight = products(&by_weight, inverse);
        let by_residual = wants[1].then(|| beside_rows(input, by.by.clone(), input.shape()));
        let by_input = wants[0].then(|| {
            let count = rows.count() as f32;
            let slope: Vec<f32> = products(&by_weight, inverse).iter().map(|slope| slope / count).collect();
            let shift: Vec<f32> =
                by_bias.iter().zip(products(rest, &slope)).map(|(bias, rest)| bias / count - rest).collect();
            by.mapped(rows, values, [&factor, &shift, mean, &slope], |by, value, [factor, shift, mean, slope]| {
                factor * (by - shift - (value - mean) * slope)
            })
        });
        let per_channel = |values| Some(beside(input, values, &[rows.channels]));
        let by_input = by_input.map(|by| beside_rows(input, by, input.shape()));
        Some([by_input, per_channel(by_weight), per_channel(by_bias), by_residual])
    }
}

/// The gradients of [`scale_rows`](super::scale_rows) by input and residual, if they are wanted, between them those by scale and shift.
pub(in crate::tensor) fn scale_rows_gradients(
    input: &Tensor,
    scale: &Tensor,
    output: Option<&Tensor>,
    by_output: Tensor,
    wants: [bool; 2],
) -> Option<[Option<Tensor>; 4]> {
    let rows = Rows::of(input.shape());
    let (values, [scale]) = (as_rows(input)?, contiguous([scale])?);
    let mut by = InFront::of(by_output, output)?;
    let sums = by.sums(rows, floats(&values), &vec![0.0; rows.channels], wants[1]);
    let [by_shift, by_scale] = sums.map(|sums| {
        let sums: Vec<f32> = sums.into_iter().map(|sum| sum as f32).collect();
        Some(beside(input, sums, &[rows.channels]))
    });
    let by_residual = wants[1].then(|| beside_rows(input, by.by.clone(), input.shape()));
    let by_input = wants[0].then(|| by.mapped(rows, floats(&values), [floats(&scale)], |by, _, [scale]| by * scale));
    Some([by_input.map(|by| beside_rows(input, by, input.shape())), by_scale, by_shift, by_residual])
}

/// The gradient in front of a ReLU.
struct InFront {
    by: FlexTensor,
    /// The output of the ReLU that `by` is yet to be masked by.
    output: Option<FlexTensor>,
}

impl InFront {
    /// From that behind it, and its output where there is a ReLU. The gradient's memory is written into where nobody
    /// else holds it.
    fn of(by: Tensor, output: Option<&Tensor>) -> Option<Self> {
        let output = match output {
            Some(output) => Some(as_rows(output)?),
            None => None,
        };
        Some(Self { by: into_rows(by)?, output })
    }

    /// Σ g and Σ g·(x − mean). `is_kept` leaves g in `by`.
    fn sums(&mut self, rows: Rows, values: &[f32], mean: &[f32], is_kept: bool) -> [Vec<f64>; 2] {
        let mean = rows.repeated(mean);
        let terms = |by: f32, value: f32, mean: f32| [by, by * (value - mean)];
        let parts = match self.output.as_ref().map(floats) {
            None => {
                let by = floats(&self.by);
                rows.of_parts(|part| {
                    rows.pairs([&by[part.clone()], &values[part]], &mean, |[by, value], mean| terms(by, value, mean))
                })
            }
            Some(output) if !is_kept => {
                let by = floats(&self.by);
                rows.of_parts(|part| {
                    let inputs = [&by[part.clone()], &values[part.clone()], &output[part]];
                    rows.pairs(inputs, &mean, |[by, value, output], mean| terms(masked(by, output), value, mean))
                })
            }
            Some(output) => {
                let (by, parts) = overwritten(&mut self.by, |target, from| {
                    rows.of_written_parts(target, |part, target| {
                        let from = from.map(|from| &from[part.clone()]);
                        each(target, from, [&output[part.clone()]], [&mean], |by, [output], _| masked(by, output));
                        rows.pairs([target, &values[part]], &mean, |[by, value], mean| terms(by, value, mean))
                    })
                });
                if let Some(by) = by {
                    self.by = by;
                }
                self.output = None;
                parts
            }
        };
        let mut plain = vec![0.0; 2 * rows.channels];
        for part in parts {
            plain.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
        }
        let centred = plain.split_off(rows.channels);
        [plain, centred]
    }

    /// What `map` makes of each g, the value beside it and what its channel has.
    fn mapped<const P: usize>(
        mut self,
        rows: Rows,
        values: &[f32],
        per: [&[f32]; P],
        map: impl Fn(f32, f32, [f32; P]) -> f32 + Sync,
    ) -> FlexTensor {
        let per = per.map(|per| rows.repeated(per));
        let per = per.each_ref().map(|per| &per[..]);
        let output = self.output.as_ref().map(floats);
        let (by, ()) = overwritten(&mut self.by, |target, from| {
            rows.each_part(target, |part, target| {
                let (from, values) = (from.map(|from| &from[part.clone()]), &values[part.clone()]);
                match output {
                    Some(output) => each(target, from, [values, &output[part]], per, |by, [value, output], per| {
                        map(masked(by, output), value, per)
                    }),
                    None => each(target, from, [values], per, |by, [value], per| map(by, value, per)),
                }
            });
        });
        by.unwrap_or(self.by)
    }
}

/// Lets `body` write into the memory of values where nobody else holds it; else into new memory, from the values, of
/// which a tensor of the same dims is made.
fn overwritten<T>(
    values: &mut FlexTensor,
    body: impl FnOnce(&mut [f32], Option<&[f32]>) -> T,
) -> (Option<FlexTensor>, T) {
    if values.is_unique() {
        return (None, body(values.storage_mut(), None));
    }
    let from = floats(values);
    let mut target = Buffer::stale(from.len());
    let found = body(&mut target, Some(from));
    let dims: Vec<usize> = values.layout().shape().iter().copied().collect();
    (Some(tensor(target, &dims)), found)
}
