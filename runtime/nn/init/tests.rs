//! Distributions by their moments and quantiles, orthogonal matrices by their products.

use super::*;

fn values(init: Init, shape: &[usize]) -> Vec<f64> {
    let drawn = init.draw(3, "layer.weight", shape, &Device::cpu()).unwrap();
    drawn.floats().unwrap().into_iter().map(f64::from).collect()
}

/// Mean and standard deviation.
fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    (mean, (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt())
}

/// The share of the values that is below a bound.
fn below(values: &[f64], bound: f64) -> f64 {
    values.iter().filter(|value| **value < bound).count() as f64 / values.len() as f64
}

const WIDE: [usize; 4] = [64, 32, 3, 3];

#[test]
fn the_deviations_are_those_of_the_papers_and_the_shapes_normal_or_uniform() {
    let kaiming = |mode, nonlinearity, slope| KaimingOptions { mode, nonlinearity, slope };
    let xavier = XavierOptions { gain: 3.0 };
    let (fan_in, fan_out) = (32.0 * 9.0, 64.0 * 9.0);
    for (options, std) in [
        (KaimingOptions::default(), (2.0f64 / fan_in).sqrt()),
        (kaiming(FanMode::FanOut, Nonlinearity::Relu, 0.0), (2.0f64 / fan_out).sqrt()),
        (kaiming(FanMode::FanIn, Nonlinearity::LeakyRelu, 5f64.sqrt()), (1.0f64 / 3.0 / fan_in).sqrt()),
        (kaiming(FanMode::FanIn, Nonlinearity::Tanh, 0.0), 5.0 / 3.0 / fan_in.sqrt()),
        (kaiming(FanMode::FanOut, Nonlinearity::Selu, 0.0), 0.75 / fan_out.sqrt()),
        (kaiming(FanMode::FanIn, Nonlinearity::Linear, 0.0), 1.0 / fan_in.sqrt()),
    ] {
        check_normal(Init::kaiming_normal_by_shape(options).unwrap(), std);
        check_uniform(Init::kaiming_uniform_by_shape(options).unwrap(), std);
    }
    let std = 3.0 * (2.0f64 / (fan_in + fan_out)).sqrt();
    check_normal(Init::xavier_normal(xavier).unwrap(), std);
    check_uniform(Init::xavier_uniform(xavier).unwrap(), std);
}

fn check_normal(init: Init, std: f64) {
    let values = values(init, &WIDE);
    let (mean, got) = moments(&values);
    assert!(mean.abs() < 0.03 * std && (got / std - 1.0).abs() < 0.03, "{init}: {mean} {got} {std}");
    // Φ(−1) and Φ(2).
    assert!((below(&values, -std) - 0.1587).abs() < 0.01 && (below(&values, 2.0 * std) - 0.9772).abs() < 0.01);
}

fn check_uniform(init: Init, std: f64) {
    let values = values(init, &WIDE);
    let bound = 3f64.sqrt() * std;
    let (mean, got) = moments(&values);
    assert!(mean.abs() < 0.03 * std && (got / std - 1.0).abs() < 0.03, "{init}: {mean} {got} {std}");
    assert!(values.iter().all(|value| value.abs() <= bound * (1.0 + 1e-6)));
    assert!((below(&values, 0.5 * bound) - 0.75).abs() < 0.01);
}

#[test]
fn plain_distributions_have_their_moments() {
    let of = |init| moments(&values(init, &[200, 100]));
    let (mean, std) = of(Init::normal(NormalInitOptions { mean: 2.0, std: 0.5 }).unwrap());
    assert!((mean - 2.0).abs() < 0.02 && (std - 0.5).abs() < 0.02);
    let uniform = UniformInitOptions { low: -1.0, high: 3.0 };
    let (mean, std) = of(Init::uniform(uniform).unwrap());
    assert!((mean - 1.0).abs() < 0.04 && (std - 4.0 / 12f64.sqrt()).abs() < 0.04);
    let cut = TruncatedNormal { mean: 0.0, std: 1.0, min: -1.0, max: 1.0 };
    let drawn = values(Init::truncated_normal(cut).unwrap(), &[200, 100]);
    // √(1 − 2·φ(1) / (2·Φ(1) − 1)) = 0.5396.
    assert!((moments(&drawn).1 - 0.5396).abs() < 0.01 && drawn.iter().all(|value| value.abs() <= 1.0));
    assert!((below(&drawn, 0.5) - (0.6915 - 0.1587) / 0.6827).abs() < 0.01);
    assert_eq!(values(Init::Constant(1.5), &[2, 3]), [1.5; 6]);
    let same = UniformInitOptions { low: 2.0, high: 2.0 };
    assert_eq!(values(Init::uniform(same).unwrap(), &[3]), [2.0; 3]);
}

#[test]
fn an_orthogonal_matrix_times_its_transpose_is_the_gain_squared() {
    for shape in [[5, 5].as_slice(), &[3, 7], &[8, 2, 3], &[1, 4], &[4, 1]] {
        let values = values(Init::Orthogonal { gain: 1.5 }, shape);
        let (rows, columns) = (shape[0], values.len() / shape[0]);
        let at = |i: usize, j: usize| values[i * columns + j];
        let (few, many) = (rows.min(columns), rows.max(columns));
        for a in 0..few {
            for b in 0..few {
                let product: f64 =
                    (0..many).map(|k| if rows <= columns { at(a, k) * at(b, k) } else { at(k, a) * at(k, b) }).sum();
                let want = if a == b { 2.25 } else { 0.0 };
                assert!((product - want).abs() < 1e-5, "{shape:?} {a} {b}: {product}");
            }
        }
    }
    // Both signs of the first element are as likely: of 1 × 1 matrices it is ±1.
    let firsts: Vec<f64> = (0..400)
        .map(|seed| Init::Orthogonal { gain: 1.0 }.draw(seed, "w", &[1, 1], &Device::cpu()).unwrap().item().unwrap())
        .collect();
    let positive = firsts.iter().filter(|value| **value > 0.0).count();
    assert!((150..250).contains(&positive) && firsts.iter().all(|value| value.abs() == 1.0), "{positive}");
}

#[test]
fn what_is_drawn_depends_on_seed_and_path_alone() {
    let init = Init::Orthogonal { gain: 1.0 };
    let draw = |seed, path| init.draw(seed, path, &[3, 4], &Device::cpu()).unwrap().floats().unwrap();
    assert_eq!(draw(1, "a.weight"), draw(1, "a.weight"));
    assert_ne!(draw(1, "a.weight"), draw(2, "a.weight"));
    assert_ne!(draw(1, "a.weight"), draw(1, "b.weight"));
}

#[test]
fn a_shape_without_rows_and_columns_is_refused_where_they_are_needed() {
    let told = |init: Init, shape: &[usize]| init.check(shape).unwrap_err().to_string();
    assert_eq!(told(Init::Orthogonal { gain: 1.0 }, &[3]), "init: orthogonal wants 2 dims or more, got shape [3]");
    assert_eq!(
        told(Init::xavier_normal(XavierOptions::default()).unwrap(), &[3]),
        "init: kaiming and xavier want [outputs, inputs, ...], got shape [3]"
    );
    let both = ParameterOptions { std: Some(1.0), init: Some(Init::Constant(0.0)), ..Default::default() };
    assert_eq!(both.start(&[2]).unwrap_err().to_string(), "parameter: init must be given without std, got both");
    assert!(values(Init::Orthogonal { gain: 1.0 }, &[0, 3]).is_empty());
    assert!(values(Init::xavier_normal(XavierOptions::default()).unwrap(), &[2, 0]).is_empty());
    let wrong = UniformInitOptions { low: 2.0, high: 1.0 };
    let error = Init::uniform(wrong).unwrap_err().to_string();
    assert_eq!(error, "uniform: low must be a finite number of at most high, 1, got 2");
}
