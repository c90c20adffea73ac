//! How launches of our own get into the queue: several in one submission, in order with Burn's operations, in the checked
//! form and in the trusted one, on tensors that lie as they are wanted.

use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use moonburn::{
    Device, Engine, Settings, Tensor,
    gpu::{Counts, Kernel, Source, checked, counts},
    kernel::{Arguments, Output, Program, Size},
    rng::{DrawKey, Stream},
    tensor::{Convolution, DType, Precision},
};

pub fn trials() -> Vec<Trial> {
    let half = Device::select(&super::name()).and_then(|device| Precision::Float16.check(&device));
    vec![
        Trial::test("launches that follow each other are submitted together, with one write of scalars", together),
        Trial::test(
            "a kernel sees what Burn's operations before it wrote, and those behind it what it wrote",
            in_order,
        ),
        Trial::test("what a launch reads and writes is nobody else's until it is submitted", held),
        Trial::test("a result of a convolution reaches a kernel of channels last without a copy", channels_last),
        Trial::test("kernels of float16 tensors give float16 tensors", halves).with_ignored_flag(half.is_err()),
    ]
}

fn randn(shape: &[usize], name: &str, device: &Device) -> moonburn::Result<Tensor> {
    let on_cpu = Tensor::randn(shape, Stream::new(3, name), DrawKey::default(), &Device::cpu())?;
    on_cpu.to_device(device)
}

fn worst(want: &[f32], got: &[f32]) -> f32 {
    assert_eq!(want.len(), got.len());
    want.iter()
        .zip(got)
        .map(|(want, got)| (want - got).abs())
        .fold(0.0, |most, x| if x.is_nan() { x } else { most.max(x) })
}

fn near(want: &[f32], got: &[f32], tolerance: f32) -> Result<(), Failed> {
    let worst = worst(want, got);
    if worst <= tolerance { Ok(()) } else { Err(format!("off by {worst:.2e}").into()) }
}

fn together() -> Result<(), Failed> {
    let device = Device::select(&super::name())?;
    let (x, y) = (randn(&[5, 7], "x", &device)?, randn(&[3, 7], "y", &device)?);
    let want = x.squared_distances(&y)?.floats()?;
    let run = |calls: usize| -> moonburn::Result<(Vec<Tensor>, Counts)> {
        device.sync()?;
        let before = counts();
        let made = (0..calls).map(|_| x.squared_distances(&y)).collect::<moonburn::Result<Vec<_>>>()?;
        device.sync()?;
        Ok((made, counts() - before))
    };
    let (_, few) = run(10)?;
    assert_eq!(few, Counts { launches: 10, submissions: 1, scopes: 3, buffers: 0, copies: 0 });
    let (made, many) = run(100)?;
    assert_eq!((many.launches, many.submissions, many.buffers), (100, 4, 0));
    for made in made {
        assert_eq!(made.floats()?, want);
    }
    let (made, alone) = checked(|| run(10))?;
    assert_eq!((alone.launches, alone.submissions), (10, 10));
    near(&want, &made[9].floats()?, 1e-5)
}

/// Each value hangs on all before it, by turns on kernels of our own and on operations of Burn's.
fn chain(device: &Device) -> moonburn::Result<Vec<f32>> {
    let mut x = randn(&[6, 6], "chain", device)?;
    let ones = Tensor::ones(&[6, 6], device)?;
    for step in 0..60 {
        let left = x.squared_distances(&ones)?;
        let right = match step % 4 {
            // Ours behind ours, one of Burn's between, new memory between, one that lies turned.
            0 => left.squared_distances(&x)?,
            1 => left.mul_scalar(0.5)?.squared_distances(&x)?,
            2 => left.squared_distances(&Tensor::ones(&[6, 6], device)?)?,
            _ => left.transpose(0, 1)?.squared_distances(&x)?,
        };
        x = right.add(&left)?.add_scalar(1.0)?.log()?.tanh()?.add_scalar(f64::from(step % 3))?;
    }
    x.floats()
}

fn in_order() -> Result<(), Failed> {
    let device = Device::select(&super::name())?;
    let want = chain(&Device::cpu())?;
    near(&want, &chain(&device)?, 1e-3)?;
    near(&want, &checked(|| chain(&device))?, 1e-3)
}

fn held() -> Result<(), Failed> {
    let device = Device::select(&super::name())?;
    let mut kept = Vec::new();
    for round in 0..50 {
        let value = f64::from(round);
        let x = Tensor::ones(&[64, 64], &device)?.mul_scalar(value)?;
        let result = x.squared_distances(&Tensor::zeros(&[64, 64], &device)?)?;
        // Freed before anything was submitted; what comes next could take its memory.
        drop(x);
        let fresh = Tensor::full(-1.0, &[64, 64], moonburn::tensor::Kind::Float, &device)?;
        kept.push((result, fresh));
    }
    for (round, (result, fresh)) in kept.into_iter().enumerate() {
        let want = 64.0 * (round * round) as f32;
        assert!(result.floats()?.iter().all(|x| *x == want), "round {round}");
        assert!(fresh.floats()?.iter().all(|x| *x == -1.0), "round {round}");
    }
    Ok(())
}

fn pixels(x: &Tensor, threads: f64) -> moonburn::Result<Tensor> {
    let text = std::fs::read_to_string("tests/shaders/pixels.wgsl").expect("the test's own shader");
    let kernel = Kernel::new(Source::built_in("pixels.wgsl", &text))?.with_constants(&[("THREADS", threads)])?;
    let arguments = Arguments {
        inputs: vec![("x".into(), x.clone())],
        scalars: vec![("channels".into(), x.shape()[1] as f64)],
        outputs: vec![Output { name: "y".into(), shape: x.shape().to_vec(), dtype: DType::Float32 }],
        channels_last: vec!["x".into(), "y".into()],
        size: Size::Derived,
        backward_size: Size::Derived,
        limit: Duration::from_secs(10),
    };
    Ok(Program::new(kernel, None)?.call(&arguments, x.device())?.remove(0))
}

fn channels_last() -> Result<(), Failed> {
    let device = Device::select(&super::name())?;
    let convolved = |device: &Device| -> moonburn::Result<(Tensor, Tensor)> {
        let image = randn(&[2, 3, 9, 7], "image", device)?;
        let weight = randn(&[8, 3, 3, 3], "weight", device)?;
        let x = image.conv2d(&weight, None, Convolution { padding: [1, 1], ..Convolution::default() })?;
        Ok((image, x))
    };
    let (want_image, want) = convolved(&Device::cpu())?;
    let (image, x) = convolved(&device)?;
    for (number, threads) in [32.0, 64.0, 128.0].into_iter().enumerate() {
        let before = counts();
        let got = pixels(&x, threads)?;
        assert_eq!((counts() - before).copies, 0, "{number}");
        near(&pixels(&want, threads)?.floats()?, &got.floats()?, 1e-4)?;
        // What it gives lies so, too, and is the same tensor to operations.
        near(&pixels(&want, threads)?.relu()?.floats()?, &got.relu()?.floats()?, 1e-4)?;
    }
    let before = counts();
    let got = pixels(&image, 64.0)?;
    assert_eq!((counts() - before).copies, 1);
    near(&pixels(&want_image, 64.0)?.floats()?, &got.floats()?, 1e-5)
}

fn halves() -> Result<(), Failed> {
    for device in [Device::select(&super::name())?, Device::cpu()] {
        let settings = Settings { device, ..Settings::new("tests/gpu/halves.lua") };
        Engine::new().run_file(&settings).map_err(|error| error.to_string())?;
    }
    Ok(())
}
