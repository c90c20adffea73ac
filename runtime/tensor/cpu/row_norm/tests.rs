//! Norms of rows against the same in parts, and what they leave as it was.

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
    let inputs =
        [drawn(shape, "x").add_scalar(2.0).unwrap(), drawn(&channels, "w"), drawn(&channels, "b"), drawn(shape, "r")];
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

const SHAPES: [&[usize]; 6] = [&[7, 3], &[300, 70], &[4, 5, 3, 7], &[3, 20, 9, 11], &[2, 64, 8, 8], &[40, 1, 30, 20]];

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
            let fused =
                results(shape, behind, |x, affine, behind| x.batch_norm_with(affine, [&mean, &variance], 1e-5, behind));
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
