//! Every kernel of a convolution, on every instruction set that the machine has, against sums in float64.

use pulp::Arch;

use super::{FEW, Geometry, Images, Method, arch, image_gradient, matrix, outputs, rule, weight_gradient, winograd};
use crate::{device::Instructions, rng::Stream};

fn geometry(
    [images, channels, outputs, groups]: [usize; 4],
    size: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    dilation: [usize; 2],
) -> Geometry {
    let windows = |dim: usize| (size[dim] + 2 * padding[dim] - dilation[dim] * (kernel[dim] - 1) - 1) / stride[dim] + 1;
    let out = [windows(0), windows(1)];
    Geometry { images, channels, size, outputs, groups, kernel, stride, padding, dilation, out }
}

/// Sizes of all kinds: odd, one, few and many channels, borders wider than the image, groups, dilations, real layers.
fn shapes() -> Vec<Geometry> {
    let square = |n, c, o, size, kernel: usize, stride| {
        geometry([n, c, o, 1], [size; 2], [kernel; 2], [stride; 2], [kernel / 2; 2], [1; 2])
    };
    let mut all = vec![
        geometry([1, 1, 1, 1], [1, 1], [1, 1], [1, 1], [0, 0], [1, 1]),
        geometry([3, 2, 5, 1], [11, 7], [3, 3], [1, 1], [1, 1], [1, 1]),
        geometry([2, 3, 64, 1], [17, 15], [7, 7], [2, 2], [3, 3], [1, 1]),
        geometry([4, 4, 3, 1], [9, 5], [2, 4], [3, 1], [0, 2], [1, 1]),
        geometry([5, 3, 2, 1], [2, 2], [5, 5], [1, 2], [2, 3], [1, 1]),
        geometry([2, 1, 3, 1], [3, 700], [1, 3], [1, 1], [0, 0], [1, 1]),
        geometry([2, 32, 48, 1], [12, 12], [3, 3], [1, 1], [2, 2], [2, 2]),
        geometry([2, 5, 40, 1], [12, 13], [3, 2], [2, 3], [4, 4], [3, 2]),
        geometry([2, 24, 24, 1], [10, 9], [3, 3], [1, 1], [2, 1], [1, 1]),
        geometry([3, 17, 19, 1], [6, 10], [3, 3], [1, 1], [0, 0], [1, 1]),
        geometry([2, 18, 21, 1], [5, 9], [3, 3], [1, 1], [0, 2], [1, 1]),
        geometry([3, 20, 31, 1], [8, 9], [5, 3], [2, 1], [2, 1], [1, 2]),
        geometry([2, 2, 3, 3], [9, 8], [3, 3], [2, 1], [1, 1], [1, 1]),
        geometry([3, 1, 1, 37], [7, 6], [3, 3], [1, 1], [1, 1], [1, 1]),
        geometry([2, 20, 9, 2], [6, 6], [3, 3], [1, 1], [2, 2], [2, 2]),
        geometry([2, 1, 2, 20], [8, 8], [3, 3], [2, 2], [1, 1], [1, 1]),
        geometry([2, 3, 4, 1], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1]),
        geometry([2, 40, 33, 1], [9, 7], [1, 1], [2, 3], [0, 0], [1, 1]),
        geometry([1, 3, 7, 1], [70, 61], [3, 3], [1, 1], [1, 1], [1, 1]),
        geometry([3, 16, 16, 1], [4, 4], [3, 3], [1, 1], [2, 2], [1, 1]),
        geometry([1, 130, 140, 1], [6, 5], [3, 3], [1, 1], [1, 1], [1, 1]),
        geometry([2, 260, 258, 1], [4, 4], [3, 3], [1, 1], [1, 1], [1, 1]),
        geometry([1, 300, 270, 1], [3, 2], [3, 3], [1, 1], [1, 1], [1, 1]),
    ];
    for size in [3, 7, 10, 14, 21, 28] {
        all.push(square(2, 33, 17, size, 3, 1));
    }
    all.extend([
        square(3, 64, 64, 8, 3, 1),
        square(2, 64, 96, 8, 3, 2),
        square(1, 3, 64, 32, 3, 1),
        square(1, 1, 64, 28, 3, 1),
        square(2, 20, 24, 14, 5, 1),
        square(9, 16, 33, 9, 3, 2),
        square(9, 64, 32, 16, 1, 1),
        square(9, 64, 32, 16, 1, 2),
        square(70, 33, 17, 3, 3, 1),
        square(1, 3, 16, 40, 7, 2),
        square(1, 48, 48, 12, 3, 1),
        square(2, 512, 512, 4, 3, 1),
        // More tiles than one go has.
        square(40, 130, 140, 4, 3, 1),
        square(40, 260, 258, 3, 3, 1),
        // A border of padding alone.
        geometry([1, 3, 4, 1], [8, 8], [3, 3], [1, 1], [50, 50], [1, 1]),
        geometry([2, 3, 4, 1], [40, 30], [1, 1], [1, 1], [1, 1], [1, 1]),
    ]);
    all
}

fn archs() -> Vec<Arch> {
    Instructions::available().into_iter().filter_map(Instructions::arch).collect()
}

fn random(len: usize, name: &str) -> Vec<f32> {
    let mut draws = Stream::new(5, name).at(0, 0, 0, 0);
    (0..len).map(|_| draws.normal()).collect()
}

/// Outputs, and both gradients, in float64.
fn exact(geometry: &Geometry, images: &[f32], weight: &[f32], by: &[f32]) -> [Vec<f64>; 3] {
    let Geometry { channels, outputs, groups, size, kernel, stride, padding, dilation, out, .. } = *geometry;
    let mut results = [vec![0.0; by.len()], vec![0.0; images.len()], vec![0.0; weight.len()]];
    let [output, by_image, by_weight] = &mut results;
    let inside = |dim: usize, position: usize, tap: usize| {
        (position * stride[dim] + tap * dilation[dim]).checked_sub(padding[dim]).filter(|at| *at < size[dim])
    };
    let places =
        (0..geometry.images * out[0] * out[1]).flat_map(|at| (0..kernel[0] * kernel[1]).map(move |tap| (at, tap)));
    for (at, tap) in places {
        let (image, position) = (at / (out[0] * out[1]), at % (out[0] * out[1]));
        let row = inside(0, position / out[1], tap / kernel[1]);
        let column = inside(1, position % out[1], tap % kernel[1]);
        let (Some(row), Some(column)) = (row, column) else { continue };
        let pixel = (image * size[0] + row) * size[1] + column;
        for o in 0..groups * outputs {
            for c in 0..channels {
                let x = pixel * channels * groups + o / outputs * channels + c;
                let (y, w) = (at * outputs * groups + o, (o * channels + c) * kernel[0] * kernel[1] + tap);
                output[y] += f64::from(images[x]) * f64::from(weight[w]);
                by_image[x] += f64::from(by[y]) * f64::from(weight[w]);
                by_weight[w] += f64::from(by[y]) * f64::from(images[x]);
            }
        }
    }
    results
}

/// The largest error, as a share of the largest value.
fn error(found: &[f32], exact: &[f64]) -> f64 {
    let largest = exact.iter().fold(f64::MIN_POSITIVE, |most, value| most.max(value.abs()));
    let errors = found.iter().zip(exact).map(|(found, exact)| (f64::from(*found) - exact).abs());
    // The largest of numbers of which one is none would be another.
    errors.fold(0.0, |most, error| if error > most || error.is_nan() { error } else { most }) / largest
}

#[test]
fn every_kernel_is_the_sum_on_every_instruction_set() {
    for geometry in shapes() {
        let images = random(geometry.images * geometry.pixels() * geometry.all_channels(), "images");
        let weight = random(geometry.groups * geometry.weights(), "weight");
        let by = random(geometry.images * geometry.positions() * geometry.all_outputs(), "by");
        let exact = exact(&geometry, &images, &weight, &by);
        let methods = [Method::Direct, Method::Patches, Method::Matrix, Method::Winograd];
        let fits = |method: &Method| match method {
            Method::Direct => true,
            Method::Patches => geometry.groups == 1,
            Method::Matrix => matrix::fits(&geometry),
            Method::Winograd => winograd::fits(&geometry),
        };
        for (arch, method) in archs().into_iter().flat_map(|arch| methods.map(|method| (arch, method))) {
            if !fits(&method) {
                continue;
            }
            let mut found = exact.each_ref().map(|exact| vec![f32::NAN; exact.len()]);
            let [output, by_image, by_weight] = &mut found;
            let given = Images::Last(&images);
            outputs(arch, method, &geometry, given, &weight, None, output);
            image_gradient(arch, method, &geometry, &by, &weight, by_image);
            weight_gradient(arch, method, &geometry, given, &by, by_weight);
            let bound = if method == Method::Winograd { 2e-5 } else { 4e-6 };
            if method == Method::Direct && geometry.groups == 1 {
                planes_are_read_where_they_lie(arch, &geometry, &images, &weight, &by, &found);
            }
            for (found, exact) in found.iter().zip(&exact) {
                let error = error(found, exact);
                assert!(error < bound, "{method:?} {arch:?} {geometry:?}: off by {error}");
            }
        }
    }
}

/// `[N, C, H, W]` gives the same bits as `[N, H, W, C]`.
fn planes_are_read_where_they_lie(
    arch: Arch,
    geometry: &Geometry,
    images: &[f32],
    weight: &[f32],
    by: &[f32],
    found: &[Vec<f32>; 3],
) {
    if geometry.channels > FEW {
        return;
    }
    let (pixels, channels) = (geometry.pixels(), geometry.channels);
    let place = |number: usize| {
        let (image, channel, pixel) = (number / pixels / channels, number / pixels % channels, number % pixels);
        images[(image * pixels + pixel) * channels + channel]
    };
    let planes: Vec<f32> = (0..images.len()).map(place).collect();
    let mut again = [vec![f32::NAN; by.len()], vec![f32::NAN; weight.len()]];
    let [output, by_weight] = &mut again;
    outputs(arch, Method::Direct, geometry, Images::Planes(&planes), weight, None, output);
    weight_gradient(arch, Method::Direct, geometry, Images::Planes(&planes), by, by_weight);
    assert!(again[0] == found[0] && again[1] == found[2], "{geometry:?}");
}

#[test]
fn a_bias_is_added_by_every_kernel() {
    for geometry in [
        geometry([3, 20, 33, 1], [9, 7], [3, 3], [1, 1], [1, 1], [1, 1]),
        geometry([3, 20, 33, 1], [9, 7], [1, 1], [2, 1], [0, 0], [1, 1]),
        geometry([40, 130, 140, 1], [4, 4], [3, 3], [1, 1], [1, 1], [1, 1]),
        geometry([2, 2, 3, 3], [9, 8], [3, 3], [2, 1], [1, 1], [1, 1]),
    ] {
        let images = random(geometry.images * geometry.pixels() * geometry.all_channels(), "images");
        let (weight, bias) =
            (random(geometry.groups * geometry.weights(), "weight"), random(geometry.all_outputs(), "bias"));
        for (arch, exact) in archs().into_iter().flat_map(|arch| [(arch, false), (arch, true)]) {
            let method = rule::of_images(&geometry, exact);
            let compute = |bias: Option<&[f32]>| {
                let mut output = vec![f32::NAN; geometry.images * geometry.positions() * geometry.all_outputs()];
                outputs(arch, method, &geometry, Images::Last(&images), &weight, bias, &mut output);
                output
            };
            let (without, with) = (compute(None), compute(Some(&bias)));
            for (number, (without, with)) in without.iter().zip(&with).enumerate() {
                let want = without + bias[number % bias.len()];
                assert!(
                    (with - want).abs() < 1e-5 * want.abs().max(10.0),
                    "{method:?} {geometry:?}: {with} for {want}"
                );
            }
        }
    }
}

#[test]
fn one_two_and_three_threads_give_the_same_bits() {
    let on = |threads: usize, geometry: &Geometry, exact: bool| {
        let images = random(geometry.images * geometry.pixels() * geometry.all_channels(), "images");
        let weight = random(geometry.groups * geometry.weights(), "weight");
        let by = random(geometry.images * geometry.positions() * geometry.all_outputs(), "by");
        let mut found = [by.len(), images.len(), weight.len()].map(|len| vec![f32::NAN; len]);
        let [output, by_image, by_weight] = &mut found;
        let (of_images, of_weight) = (rule::of_images(geometry, exact), rule::of_weight(geometry, exact));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let (arch, given) = (arch(), Images::Last(&images));
            outputs(arch, of_images, geometry, given, &weight, None, output);
            image_gradient(arch, of_images, geometry, &by, &weight, by_image);
            weight_gradient(arch, of_weight, geometry, given, &by, by_weight);
        });
        found
    };
    for geometry in [
        geometry([33, 3, 40, 1], [16, 15], [3, 3], [1, 1], [1, 1], [1, 1]),
        geometry([35, 64, 48, 1], [8, 8], [3, 3], [1, 1], [1, 1], [1, 1]),
        geometry([40, 130, 140, 1], [4, 4], [3, 3], [1, 1], [1, 1], [1, 1]),
        geometry([36, 260, 258, 1], [3, 3], [3, 3], [1, 1], [1, 1], [1, 1]),
        geometry([19, 40, 50, 1], [9, 8], [3, 3], [2, 2], [1, 1], [1, 1]),
        geometry([19, 40, 50, 1], [9, 8], [1, 1], [1, 1], [0, 0], [1, 1]),
        geometry([19, 40, 50, 1], [9, 8], [1, 1], [2, 2], [0, 0], [1, 1]),
    ] {
        for exact in [false, true] {
            let one = on(1, &geometry, exact);
            assert!([2, 3].iter().all(|threads| on(*threads, &geometry, exact) == one), "{geometry:?}");
        }
    }
}
