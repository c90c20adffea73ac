//! Convolutions by kernels of our own: beside sums in float64, beside Burn's, and in what is made of them.

use libtest_mimic::{Failed, Trial};
use moonburn::{
    Device, Tensor, gpu,
    parity::{self, Case, Group},
    rng::{Draws, Stream},
    tensor::{Convolution, ConvolutionKernels, Pass, grad, gradients},
};

const OWN: [ConvolutionKernels; 3] =
    [ConvolutionKernels::Own, ConvolutionKernels::Own128x64, ConvolutionKernels::Own128x128];

/// Of the largest value.
const TOLERANCE: f64 = 3e-6;

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("convolutions and their gradients are the sums in float64, whatever the sizes", || {
            for kernels in OWN.into_iter().chain([ConvolutionKernels::Burn]) {
                let [output, by_images, by_weight, by_bias] = every_shape(kernels)?;
                println!(
                    "{kernels}: {} shapes, off by at most {output:.1e}, gradients {by_images:.1e} by images, \
                     {by_weight:.1e} by weights, {by_bias:.1e} by biases",
                    SHAPES.len()
                );
            }
            Ok(())
        }),
        Trial::test("kernels of our own compute a convolution in two launches, and each gradient in two", launches),
        Trial::test("a gradient by the weight is the same to the bit whenever it is computed", repeated),
        Trial::test("second gradients of convolutions are those of Burn's kernels", second_order),
        Trial::test("images that are turned, cut out or results of others reach a convolution as they are", layouts),
        Trial::test("a convolution over the device's limits is an error that says which size is", too_large),
        Trial::test(
            "every part of the parity report that convolves is within its tolerance by our own kernels",
            || {
                let convolves = |case: &Case| {
                    ["conv", "resnet", "SimCLR"].iter().any(|word| case.name().contains(word))
                        || case.group() == Group::Training
                };
                let cases = || parity::cases(2).into_iter().filter(convolves).collect::<Vec<_>>();
                assert!(cases().len() > 25, "{}", cases().len());
                ConvolutionKernels::Own.within(|| super::parity(cases()))
            },
        ),
        Trial::test("a few steps of SimCLR by our own kernels have the CPU's losses", || {
            let before = gpu::counts().launches;
            ConvolutionKernels::Own.within(|| super::compare(super::SCRIPT))?;
            assert!(gpu::counts().launches > before + 100, "they ran");
            Ok(())
        }),
    ]
}

/// Images, channels of a group, outputs of a group, groups; then pairs of rows and columns.
#[derive(Clone, Copy, Debug)]
struct Shape {
    sizes: [usize; 4],
    image: [usize; 2],
    kernel: [usize; 2],
    options: Convolution,
}

const fn shape(sizes: [usize; 4], image: [usize; 2], kernel: [usize; 2], moves: [[usize; 2]; 3]) -> Shape {
    let options = Convolution { stride: moves[0], padding: moves[1], dilation: moves[2], groups: sizes[3] };
    Shape { sizes, image, kernel, options }
}

/// Stride, padding and dilation, alike in both dims.
const fn alike(stride: usize, padding: usize, dilation: usize) -> [[usize; 2]; 3] {
    [[stride; 2], [padding; 2], [dilation; 2]]
}

const SHAPES: [Shape; 40] = [
    shape([1, 1, 1, 1], [1, 1], [1, 1], alike(1, 0, 1)),
    shape([1, 1, 1, 1], [1, 1], [3, 3], alike(1, 1, 1)),
    shape([2, 4, 4, 1], [1, 1], [3, 3], alike(2, 1, 1)),
    shape([5, 8, 12, 1], [1, 1], [1, 1], alike(1, 0, 1)),
    shape([2, 1, 5, 1], [9, 7], [3, 3], alike(1, 1, 1)),
    shape([2, 3, 5, 1], [7, 9], [3, 3], alike(1, 1, 1)),
    shape([3, 3, 64, 1], [16, 16], [3, 3], alike(1, 1, 1)),
    shape([2, 3, 64, 1], [33, 31], [7, 7], alike(2, 3, 1)),
    shape([2, 3, 16, 1], [14, 14], [4, 4], alike(4, 0, 1)),
    shape([2, 4, 8, 1], [7, 9], [3, 3], alike(1, 1, 1)),
    shape([2, 16, 16, 1], [8, 8], [3, 3], alike(1, 1, 1)),
    shape([2, 64, 64, 1], [4, 4], [3, 3], alike(1, 1, 1)),
    shape([1, 60, 68, 1], [7, 5], [3, 3], alike(1, 1, 1)),
    shape([3, 20, 36, 1], [9, 7], [3, 3], alike(2, 1, 1)),
    shape([2, 24, 40, 1], [8, 8], [3, 3], alike(2, 1, 1)),
    shape([2, 65, 129, 1], [5, 4], [1, 1], alike(1, 0, 1)),
    shape([2, 68, 132, 1], [6, 5], [1, 1], alike(2, 0, 1)),
    shape([3, 130, 4, 1], [5, 3], [1, 1], alike(1, 0, 1)),
    shape([2, 5, 70, 1], [6, 7], [3, 3], alike(1, 1, 1)),
    shape([40, 8, 8, 1], [9, 9], [3, 3], alike(1, 1, 1)),
    shape([3, 5, 7, 1], [13, 11], [3, 3], [[3, 2], [0, 2], [2, 3]]),
    shape([3, 8, 12, 1], [13, 11], [3, 3], alike(3, 1, 1)),
    shape([2, 4, 4, 1], [12, 12], [3, 3], alike(3, 3, 1)),
    shape([2, 4, 4, 1], [12, 12], [3, 3], alike(4, 1, 2)),
    shape([2, 7, 3, 1], [11, 13], [3, 3], alike(1, 2, 2)),
    shape([2, 8, 8, 1], [11, 10], [3, 3], alike(2, 2, 2)),
    shape([2, 8, 8, 1], [9, 9], [3, 3], alike(1, 0, 3)),
    shape([2, 8, 12, 1], [9, 9], [5, 5], alike(1, 2, 1)),
    shape([2, 8, 4, 1], [10, 12], [7, 7], alike(1, 3, 1)),
    shape([3, 8, 72, 1], [13, 11], [2, 3], [[1, 2], [0, 1], [1, 1]]),
    shape([2, 4, 6, 1], [1, 37], [1, 5], [[1, 1], [0, 2], [1, 1]]),
    shape([2, 4, 8, 1], [37, 1], [5, 1], [[2, 1], [1, 0], [1, 1]]),
    shape([1, 4, 8, 1], [3, 200], [3, 3], [[2, 3], [1, 0], [1, 2]]),
    shape([2, 2, 3, 3], [9, 8], [3, 3], [[2, 1], [1, 1], [1, 1]]),
    shape([2, 4, 8, 3], [9, 8], [3, 3], [[1, 2], [1, 1], [2, 2]]),
    shape([2, 68, 4, 2], [4, 5], [3, 3], alike(1, 1, 1)),
    shape([2, 1, 1, 6], [9, 8], [3, 3], alike(1, 1, 1)),
    shape([2, 1, 2, 5], [9, 8], [3, 3], alike(2, 1, 1)),
    shape([2, 1, 1, 8], [11, 11], [7, 7], alike(1, 3, 1)),
    shape([2, 4, 8, 1], [5, 5], [5, 5], alike(1, 0, 1)),
];

fn gpu_device() -> Result<Device, Failed> {
    Ok(Device::select(&super::name())?)
}

fn floats(draws: &mut Draws, count: usize) -> Vec<f32> {
    (0..count).map(|_| draws.normal()).collect()
}

impl Shape {
    fn out(&self, dim: usize) -> usize {
        let Convolution { stride, padding, dilation, .. } = self.options;
        let reach = dilation[dim] * (self.kernel[dim] - 1) + 1;
        (self.image[dim] + 2 * padding[dim] - reach) / stride[dim] + 1
    }

    fn images(&self) -> [usize; 4] {
        [self.sizes[0], self.sizes[1] * self.sizes[3], self.image[0], self.image[1]]
    }

    fn weight(&self) -> [usize; 4] {
        [self.sizes[2] * self.sizes[3], self.sizes[1], self.kernel[0], self.kernel[1]]
    }

    fn outputs(&self) -> [usize; 4] {
        [self.sizes[0], self.sizes[2] * self.sizes[3], self.out(0), self.out(1)]
    }

    /// Random images, weight, bias, and a gradient by the outputs.
    fn inputs(&self) -> [Vec<f32>; 4] {
        let mut draws = Stream::new(4, "convolutions").at(0, 0, 0, 0);
        let count = |dims: [usize; 4]| dims.iter().product();
        [count(self.images()), count(self.weight()), self.weight()[0], count(self.outputs())]
            .map(|count| floats(&mut draws, count))
    }

    /// Output, gradients by images, weight and bias, in float64.
    fn exact(&self, [images, weight, bias, by]: &[Vec<f32>; 4]) -> [Vec<f64>; 4] {
        let ([count, channels, height, width], [_, all, rows, columns]) = (self.images(), self.outputs());
        let ([of_group, outputs, ..], Convolution { stride, padding, dilation, .. }) =
            ([self.sizes[1], self.sizes[2]], self.options);
        let mut output = vec![0.0; by.len()];
        let mut by_images = vec![0.0; images.len()];
        let mut by_weight = vec![0.0; weight.len()];
        let mut by_bias = vec![0.0; all];
        for (number, by) in by.iter().enumerate() {
            let (column, row) = (number % columns, number / columns % rows);
            let (channel, image) = (number / columns / rows % all, number / columns / rows / all);
            by_bias[channel] += f64::from(*by);
            output[number] = f64::from(bias[channel]);
            for tap in 0..self.kernel[0] * self.kernel[1] {
                let place = [row, column];
                let at = [tap / self.kernel[1], tap % self.kernel[1]];
                let [y, x] =
                    [0, 1].map(|dim| (place[dim] * stride[dim] + at[dim] * dilation[dim]).wrapping_sub(padding[dim]));
                if y >= height || x >= width {
                    continue;
                }
                for c in 0..of_group {
                    let own = image * channels + channel / outputs * of_group + c;
                    let (own, taps) = ((own * height + y) * width + x, self.kernel[0] * self.kernel[1]);
                    let weighed = (channel * of_group + c) * taps + tap;
                    output[number] += f64::from(images[own]) * f64::from(weight[weighed]);
                    by_images[own] += f64::from(*by) * f64::from(weight[weighed]);
                    by_weight[weighed] += f64::from(*by) * f64::from(images[own]);
                }
            }
        }
        assert_eq!(count * channels * height * width, images.len());
        [output, by_images, by_weight, by_bias]
    }

    /// The same on a device, by some kernels.
    fn computed(
        &self,
        [images, weight, bias, by]: &[Vec<f32>; 4],
        kernels: ConvolutionKernels,
        device: &Device,
    ) -> moonburn::Result<[Vec<f32>; 4]> {
        let leaf = |values: &[f32], dims: &[usize]| Tensor::from_floats(values.to_vec(), dims, device)?.requires_grad();
        let given = [leaf(images, &self.images())?, leaf(weight, &self.weight())?, leaf(bias, &[bias.len()])?];
        let by = Tensor::from_floats(by.clone(), &self.outputs(), device)?;
        kernels.within(|| {
            let output = given[0].conv2d(&given[1], Some(&given[2]), self.options)?;
            let found = gradients(&output.mul(&by)?.sum(None, false)?, &given)?;
            Ok([output.floats()?, found[0].floats()?, found[1].floats()?, found[2].floats()?])
        })
    }
}

/// The largest errors of outputs and gradients by images, weight and bias, of kernels without and with wgpu's checks.
fn every_shape(kernels: ConvolutionKernels) -> Result<[f64; 4], Failed> {
    let device = gpu_device()?;
    let is_own = kernels != ConvolutionKernels::Burn;
    let mut worst = [0.0; 4];
    for shape in SHAPES {
        let inputs = shape.inputs();
        let exact = shape.exact(&inputs);
        let computed = || {
            let before = gpu::counts().launches;
            let found = shape.computed(&inputs, kernels, &device);
            assert_eq!(gpu::counts().launches - before, if is_own { 6 } else { 0 }, "{shape:?}");
            found.map_err(|error| format!("{shape:?}: {error}"))
        };
        let checked = is_own.then(|| gpu::checked(computed)).transpose()?;
        for found in [computed()?].into_iter().chain(checked) {
            for (number, (exact, found)) in exact.iter().zip(&found).enumerate() {
                let off = error(exact, found);
                if off.is_nan() || off > TOLERANCE {
                    return Err(format!("{kernels} {shape:?}: tensor {number} is off by {off:.1e}").into());
                }
                worst[number] = f64::max(worst[number], off);
            }
        }
    }
    Ok(worst)
}

fn error(exact: &[f64], found: &[f32]) -> f64 {
    assert_eq!(exact.len(), found.len());
    let largest = exact.iter().fold(f64::MIN_POSITIVE, |most, value| most.max(value.abs()));
    let errors = exact.iter().zip(found).map(|(exact, found)| (exact - f64::from(*found)).abs());
    errors.fold(0.0, |most, error| if error > most || error.is_nan() { error } else { most }) / largest
}

/// Gradients of a loss, whose tape is kept; on the tape themselves or not.
fn derived(loss: &Tensor, leaves: &[Tensor], on_tape: bool) -> moonburn::Result<Vec<Tensor>> {
    grad(std::slice::from_ref(loss), &[None], leaves, Pass { retain_graph: true, create_graph: on_tape })
}

fn launches() -> Result<(), Failed> {
    let device = gpu_device()?;
    let images = Tensor::ones(&[2, 8, 6, 6], &device)?.requires_grad()?;
    let weight = Tensor::ones(&[8, 8, 3, 3], &device)?.requires_grad()?;
    let counted = |body: &dyn Fn() -> moonburn::Result<Tensor>| {
        let before = gpu::counts().launches;
        body().map(|output| (gpu::counts().launches - before, output))
    };
    ConvolutionKernels::Own.within(|| {
        let (forward, output) = counted(&|| images.conv2d(&weight, None, Convolution::default()))?;
        let loss = output.sum(None, false)?;
        let of = |leaf: &Tensor| {
            counted(&|| derived(&loss, std::slice::from_ref(leaf), false).map(|mut found| found.remove(0)))
        };
        let (by_images, by_weight) = (of(&images)?.0, of(&weight)?.0);
        assert_eq!([forward, by_images, by_weight], [2, 2, 2]);
        Ok(())
    })
}

fn repeated() -> Result<(), Failed> {
    let device = gpu_device()?;
    for shape in [
        shape([70, 16, 24, 1], [12, 12], [3, 3], alike(1, 1, 1)),
        shape([33, 3, 16, 1], [17, 15], [3, 3], alike(2, 1, 1)),
    ] {
        let inputs = shape.inputs();
        for kernels in OWN {
            let first = shape.computed(&inputs, kernels, &device)?;
            for _ in 0..3 {
                assert!(shape.computed(&inputs, kernels, &device)? == first, "{kernels} {shape:?}");
            }
        }
    }
    Ok(())
}

fn second_order() -> Result<(), Failed> {
    let device = gpu_device()?;
    let shape = shape([2, 4, 8, 1], [7, 6], [3, 3], alike(2, 1, 1));
    let [images, weight, ..] = shape.inputs();
    let second = |kernels: ConvolutionKernels| {
        kernels.within(|| -> moonburn::Result<Vec<Vec<f32>>> {
            let images = Tensor::from_floats(images.clone(), &shape.images(), &device)?.requires_grad()?;
            let weight = Tensor::from_floats(weight.clone(), &shape.weight(), &device)?.requires_grad()?;
            let output = images.conv2d(&weight, None, shape.options)?;
            let loss = output.mul(&output)?.mul(&output)?.sum(None, false)?;
            let first = derived(&loss, &[images.clone(), weight.clone()], true)?;
            let sum = first[0].mul(&first[0])?.sum(None, false)?.add(&first[1].mul(&first[1])?.sum(None, false)?)?;
            gradients(&sum, &[images, weight])?.iter().map(Tensor::floats).collect()
        })
    };
    let (burns, own) = (second(ConvolutionKernels::Burn)?, second(ConvolutionKernels::Own)?);
    for (burns, own) in burns.iter().zip(&own) {
        let exact: Vec<f64> = burns.iter().map(|value| f64::from(*value)).collect();
        let off = error(&exact, own);
        assert!(off < 1e-5, "off by {off:.1e}");
    }
    Ok(())
}

fn layouts() -> Result<(), Failed> {
    type Form = fn(&Tensor) -> moonburn::Result<Tensor>;
    let forms: [(&str, Form); 5] = [
        ("turned", |x| x.transpose(2, 3)),
        ("without the first image", |x| x.slice(0, 1, 3)),
        ("without the first channels", |x| x.slice(1, 4, 8)),
        ("three of the channels", |x| x.slice(1, 2, 5)),
        ("still to be computed", |x| x.mul_scalar(0.5)?.exp()?.slice(3, 1, 6)),
    ];
    let mut draws = Stream::new(5, "layouts").at(0, 0, 0, 0);
    let (values, weights) = (floats(&mut draws, 3 * 8 * 6 * 6), floats(&mut draws, 12 * 8 * 9));
    for (name, form) in forms {
        let [want, got] = [Device::cpu(), gpu_device()?].map(|device| {
            ConvolutionKernels::Own.within(|| -> moonburn::Result<Vec<f32>> {
                let images = form(&Tensor::from_floats(values.clone(), &[3, 8, 6, 6], &device)?)?;
                let weight = Tensor::from_floats(weights.clone(), &[12, 8, 3, 3], &device)?;
                let weight = weight.slice(1, 0, images.shape()[1])?;
                let options = Convolution { padding: [1, 1], ..Convolution::default() };
                let output = images.conv2d(&weight, None, options)?.relu()?;
                let behind = weight.transpose(0, 1)?.reshape(&[images.shape()[1], 12, 3, 3])?;
                output.conv2d(&behind, None, options)?.add_scalar(1.0)?.floats()
            })
        });
        let exact: Vec<f64> = want?.iter().map(|value| f64::from(*value)).collect();
        let off = error(&exact, &got?);
        assert!(off < 2e-5, "{name}: off by {off:.1e}");
    }
    Ok(())
}

/// Outputs of 8 GiB, which no adapter binds at once; nothing is allocated for them.
fn too_large() -> Result<(), Failed> {
    let device = gpu_device()?;
    let images = Tensor::ones(&[1, 1, 4096, 4096], &device)?;
    let weight = Tensor::ones(&[127, 1, 1, 1], &device)?;
    let error = ConvolutionKernels::Own.within(|| images.conv2d(&weight, None, Convolution::default())).unwrap_err();
    let error = error.to_string();
    assert!(error.starts_with("conv2d: a result of 8522825728 bytes is over the "), "{error}");
    assert!(error.ends_with("; use a smaller batch"), "{error}");
    let options = Convolution { padding: [600_000_000, 0], stride: [1_000_000_000, 1], ..Convolution::default() };
    let small = Tensor::ones(&[1, 1, 4, 4], &device)?;
    let error = ConvolutionKernels::Own.within(|| small.conv2d(&weight, None, options)).unwrap_err().to_string();
    assert_eq!(error, "conv2d: an image, kernel or stride of 1200000004 is too large for kernels of our own");
    Ok(())
}
