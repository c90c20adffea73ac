//! Batch normalisation of what lies as rows of channels, with the addition and the ReLU behind it in the same pass over
//! memory. Statistics take one pass, values another; gradients take two. Row-major images are in `batch_norm.rs`.

use burn_dispatch::backends::flex::FlexTensor;

use super::{
    buffer::Buffer,
    floats::{beside, contiguous, floats},
    moments::Moments,
    rows::{Rows, as_rows, beside_rows, each, into_rows, written_rows},
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

/// The gradient where an output of ReLU is over 0, or NaN, as that of ReLU alone.
#[inline(always)]
fn masked(by: f32, output: f32) -> f32 {
    if output <= 0.0 { 0.0 } else { by }
}

fn products(left: &[f32], right: &[f32]) -> Vec<f32> {
    left.iter().zip(right).map(|(left, right)| left * right).collect()
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

/// The gradients of [`scale_rows`] by input and residual, if they are wanted, between them those by scale and shift.
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
    (Some(super::floats::tensor(target, &dims)), found)
}

#[cfg(test)]
mod tests {
    use crate::{
        Device, Result,
        rng::{DrawKey, Stream},
        tensor::{Behind, Pass, Tensor, cpu, grad, gradients},
    };

    fn drawn(shape: &[usize], name: &str) -> Tensor {
        Tensor::randn(shape, Stream::new(5, name), DrawKey::default(), &Device::cpu()).unwrap()
    }

    /// Channels last where they are images.
    fn last(values: &Tensor) -> Tensor {
        let &[n, c, h, w] = values.shape() else { return values.clone() };
        let order = values.permute(&[0, 2, 3, 1]).unwrap().floats().unwrap();
        Tensor::from_floats(order, &[n, h, w, c], &Device::cpu()).unwrap().permute(&[0, 3, 1, 2]).unwrap()
    }

    /// The output, its gradients by x, weight, bias and residual, and those of the sum of their squares.
    fn results(
        shape: &[usize],
        behind: [bool; 2],
        norm: impl Fn(&Tensor, [&Tensor; 2], Behind<'_>) -> Result<Tensor>,
    ) -> Vec<Vec<f32>> {
        let channels = [shape[1]];
        let inputs = [
            drawn(shape, "x").add_scalar(2.0).unwrap(),
            drawn(&channels, "w"),
            drawn(&channels, "b"),
            drawn(shape, "r"),
        ];
        let inputs = inputs.map(|input| last(&input).requires_grad().unwrap());
        let [x, weight, bias, residual] = &inputs;
        let behind = Behind { residual: behind[0].then_some(residual), relu: behind[1] };
        let by = last(&drawn(shape, "by"));
        let loss = || {
            let output = norm(x, [weight, bias], behind).unwrap();
            (output.clone(), output.mul(&by).unwrap().sum(None, false).unwrap())
        };
        let (output, sum) = loss();
        let mut found = vec![output];
        found.extend(gradients(&sum, &inputs).unwrap());
        let pass = Pass { create_graph: true, retain_graph: true };
        let slopes = grad(&[loss().1], &[None], &inputs, pass).unwrap();
        let squares = slopes.iter().map(|slope| slope.mul(slope).unwrap().sum(None, false).unwrap());
        let squares = squares.reduce(|sum, square| sum.add(&square).unwrap()).unwrap();
        found.extend(slopes);
        found.extend(gradients(&squares, &inputs).unwrap());
        found.iter().map(|tensor| tensor.floats().unwrap()).collect()
    }

    fn check(name: &str, got: &[Vec<f32>], want: &[Vec<f32>]) {
        assert_eq!(got.len(), want.len());
        for (place, (got, want)) in got.iter().zip(want).enumerate() {
            let scale = want.iter().fold(1f32, |most, value| most.max(value.abs()));
            let worst = got.iter().zip(want).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / scale;
            assert!(got.len() == want.len() && worst < 2e-5, "{name}, result {place}: off by {worst}");
        }
    }

    const SHAPES: [&[usize]; 6] =
        [&[7, 3], &[300, 70], &[4, 5, 3, 7], &[3, 20, 9, 11], &[2, 64, 8, 8], &[40, 1, 30, 20]];

    #[test]
    fn with_an_addition_and_relu_it_is_all_three_one_after_another() {
        for shape in SHAPES {
            for behind in [[false, false], [true, false], [false, true], [true, true]] {
                let fused = results(shape, behind, |x, [weight, bias], behind| {
                    assert!(cpu::lie_as_rows(x));
                    Ok(x.batch_norm_train_with(weight, bias, 1e-5, behind)?.output)
                });
                let apart = results(shape, behind, |x, [weight, bias], behind| {
                    behind.of(x.batch_norm_in_parts(weight, bias, 1e-5)?.output)
                });
                check(&format!("{shape:?} {behind:?}"), &fused, &apart);
            }
        }
    }

    #[test]
    fn with_given_statistics_it_is_all_three_one_after_another() {
        for shape in SHAPES {
            let [mean, variance] = ["mean", "variance"].map(|name| drawn(&shape[1..2], name));
            let variance = variance.mul(&variance).unwrap().add_scalar(0.5).unwrap();
            for behind in [[false, false], [true, false], [false, true], [true, true]] {
                let fused = results(shape, behind, |x, affine, behind| {
                    x.batch_norm_with(affine, [&mean, &variance], 1e-5, behind)
                });
                let apart = results(shape, behind, |x, [weight, bias], behind| {
                    let per_channel: Vec<usize> =
                        (0..x.rank()).map(|dim| if dim == 1 { x.shape()[1] } else { 1 }).collect();
                    let whole = |tensor: &Tensor| tensor.reshape(&per_channel);
                    let deviation = whole(&variance)?.add_scalar(1e-5)?.sqrt()?;
                    let normal = x.sub(&whole(&mean)?)?.div(&deviation)?;
                    behind.of(normal.mul(&whole(weight)?)?.add(&whole(bias)?)?)
                });
                check(&format!("{shape:?} {behind:?}"), &fused, &apart);
            }
        }
    }

    #[test]
    fn images_stay_channels_last_and_so_do_their_gradients() {
        let shape = [3, 5, 4, 6];
        let [x, r] = ["x", "r"].map(|name| last(&drawn(&shape, name)).requires_grad().unwrap());
        let [weight, bias] = ["w", "b"].map(|name| drawn(&[5], name));
        let behind = Behind { residual: Some(&r), relu: true };
        let before = cpu::layout_copies();
        let output = x.batch_norm_train_with(&weight, &bias, 1e-5, behind).unwrap().output;
        assert!(cpu::is_channels_last(&output));
        let loss = output.global_avg_pool().unwrap().sum(None, false).unwrap();
        let by = gradients(&loss, &[x, r]).unwrap();
        assert!(by.iter().all(cpu::is_channels_last));
        assert_eq!(cpu::layout_copies(), before);
    }

    #[test]
    fn a_gradient_that_others_hold_is_not_written_into() {
        let [x, by] = ["x", "by"].map(|name| last(&drawn(&[3, 5, 4, 6], name)));
        let x = x.requires_grad().unwrap();
        let [weight, bias] = ["w", "b"].map(|name| drawn(&[5], name));
        let before = by.floats().unwrap();
        for residual in [None, Some(&x)] {
            let behind = Behind { residual, relu: true };
            let output = x.batch_norm_train_with(&weight, &bias, 1e-5, behind).unwrap().output;
            grad(&[output], &[Some(by.clone())], std::slice::from_ref(&x), Pass::default()).unwrap();
            assert_eq!(by.floats().unwrap(), before);
        }
    }

    #[test]
    fn one_two_and_three_threads_give_the_same_bits() {
        for shape in [&[4000, 33][..], &[9, 64, 20, 20], &[7, 5, 40, 31]] {
            let found = [1, 2, 3].map(|threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| {
                    results(shape, [true, true], |x, [weight, bias], behind| {
                        Ok(x.batch_norm_train_with(weight, bias, 1e-5, behind)?.output)
                    })
                })
            });
            assert!(found[0] == found[1] && found[1] == found[2], "{shape:?}");
        }
    }

    #[test]
    fn far_from_0_rows_still_have_mean_0_and_variance_1() {
        let far = drawn(&[8192, 3], "far").mul_scalar(0.01).unwrap().add_scalar(100_000.7).unwrap();
        let norm = far
            .batch_norm_train(
                &Tensor::ones(&[3], &Device::cpu()).unwrap(),
                &Tensor::zeros(&[3], &Device::cpu()).unwrap(),
                1e-5,
            )
            .unwrap();
        let (values, found) = (far.floats().unwrap(), norm.output.floats().unwrap());
        for channel in 0..3 {
            let own = || values[channel..].iter().step_by(3).map(|value| f64::from(*value));
            let mean = own().sum::<f64>() / 8192.0;
            let variance = own().map(|value| (value - mean).powi(2)).sum::<f64>() / 8192.0;
            assert!((f64::from(norm.variance.floats().unwrap()[channel]) / variance - 1.0).abs() < 1e-4);
            let pairs = found[channel..].iter().step_by(3).zip(own());
            let off = pairs.map(|(got, value)| (f64::from(*got) - (value - mean) / (variance + 1e-5).sqrt()).abs());
            let worst = off.fold(0.0, f64::max);
            assert!(worst < 1e-3, "off by {worst}");
        }
    }
}
