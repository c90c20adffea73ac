//! Kernels of our own against their references on the CPU: values and gradients, on random shapes.

use libtest_mimic::{Failed, Trial};
use moonburn::{
    Device, Tensor,
    gpu::checked,
    rng::{Draws, Stream},
    tensor::gradients,
};

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("systems are solved as on the CPU, with their gradients, whatever the sizes", solve),
        Trial::test(
            "a matrix that is not positive definite is an error where it is read, and its neighbours have their \
                 solutions",
            indefinite,
        ),
        Trial::test("distances are the CPU's, with their gradients, whatever the sizes", distances),
        Trial::test("a kernel that is trusted computes what it computes checked", forms),
        Trial::test("tensors that are turned, cut out or spread reach a kernel as they are", layouts),
    ]
}

fn devices() -> Result<[Device; 2], Failed> {
    Ok([Device::cpu(), Device::select(&super::name())?])
}

fn floats(draws: &mut Draws, count: usize) -> Vec<f32> {
    (0..count).map(|_| draws.normal()).collect()
}

/// The largest difference as a share of the largest value.
fn drift(want: &[f32], got: &[f32]) -> f32 {
    assert_eq!(want.len(), got.len());
    let scale = want.iter().fold(1e-20f32, |most, x| most.max(x.abs()));
    want.iter()
        .zip(got)
        .map(|(want, got)| (want - got).abs())
        .fold(0.0, |most, x| if x.is_nan() { x } else { most.max(x) })
        / scale
}

fn check(what: &str, tolerance: f32, want: &[Vec<f32>], got: &[Vec<f32>]) -> Result<(), Failed> {
    for (number, (want, got)) in want.iter().zip(got).enumerate() {
        let drift = drift(want, got);
        // A NaN is over every tolerance.
        if !matches!(drift.partial_cmp(&tolerance), Some(std::cmp::Ordering::Less | std::cmp::Ordering::Equal)) {
            return Err(format!("{what}: tensor {number} is off by {drift:.2e}").into());
        }
    }
    Ok(())
}

/// Value and gradients of an operation on two tensors, on a device. The loss weighs every element differently.
fn both(
    device: &Device,
    inputs: [(&[f32], &[usize]); 2],
    operation: impl Fn(&Tensor, &Tensor) -> moonburn::Result<Tensor>,
) -> moonburn::Result<Vec<Vec<f32>>> {
    let [left, right] =
        inputs.map(|(values, shape)| Tensor::from_floats(values.to_vec(), shape, device)?.requires_grad());
    let (left, right) = (left?, right?);
    let output = operation(&left, &right)?;
    let weights = (0..output.len()).map(|i| (i as f32 * 0.7).sin()).collect();
    let loss = output.mul(&Tensor::from_floats(weights, output.shape(), device)?)?.sum(None, false)?;
    let found = gradients(&loss, &[left, right])?;
    [&output, &found[0], &found[1]].map(Tensor::floats).into_iter().collect()
}

fn solve() -> Result<(), Failed> {
    let [cpu, gpu] = devices()?;
    let mut draws = Stream::new(1, "solve").at(0, 0, 0, 0);
    for (number, (count, size, columns)) in
        [(1, 1, 1), (3, 2, 5), (2, 25, 5), (1, 131, 70), (70, 7, 1), (2, 64, 65), (1, 200, 3)].into_iter().enumerate()
    {
        // M·Mᵀ + n·1 is far from singular.
        let mut matrix = vec![0.0; count * size * size];
        for matrix in matrix.chunks_exact_mut(size * size) {
            let m = floats(&mut draws, size * size);
            for i in 0..size {
                for j in 0..size {
                    let product: f32 = (0..size).map(|k| m[i * size + k] * m[j * size + k]).sum();
                    matrix[i * size + j] = product + if i == j { size as f32 } else { 0.0 };
                }
            }
        }
        let right = floats(&mut draws, count * size * columns);
        let inputs = [(&matrix[..], &[count, size, size][..]), (&right[..], &[count, size, columns][..])];
        let [want, got] = [&cpu, &gpu].map(|device| both(device, inputs, Tensor::solve_spd));
        check(&format!("system {number}"), 2e-5, &want?, &got?)?;
    }
    Ok(())
}

fn indefinite() -> Result<(), Failed> {
    let [_, gpu] = devices()?;
    let matrices = vec![2.0, 0.0, 0.0, 2.0, 1.0, 2.0, 2.0, 1.0, 4.0, 0.0, 0.0, 4.0];
    let matrix = Tensor::from_floats(matrices, &[3, 2, 2], &gpu)?;
    let right = Tensor::ones(&[3, 2, 1], &gpu)?;
    let found = matrix.solve_spd(&right)?;
    let neighbours = [found.slice(0, 0, 1)?.floats()?, found.slice(0, 2, 3)?.floats()?];
    assert_eq!(neighbours, [[0.5, 0.5], [0.25, 0.25]]);
    let told = found.floats().unwrap_err().to_string();
    assert_eq!(told, "solve_spd: matrix 2 is not positive definite: pivot 2 is -3.000e0");
    // It is told once. A NaN of anything else is a value.
    assert!(found.floats()?[2].is_nan());
    matrix.solve_spd(&right)?;
    let loss = matrix.sum(None, false)?.mul_scalar(f64::NAN)?;
    assert!(loss.item().is_err(), "which of the two it comes of cannot be known");
    assert!(loss.item()?.is_nan());
    Ok(())
}

fn distances() -> Result<(), Failed> {
    let [cpu, gpu] = devices()?;
    let mut draws = Stream::new(2, "distances").at(0, 0, 0, 0);
    for (count, rows, columns, width) in
        [(1, 1, 1, 1), (1, 17, 5, 33), (4, 3, 20, 16), (2, 70, 16, 128), (1, 31, 64, 7), (70_000, 2, 1, 3)]
    {
        let left = floats(&mut draws, count * rows * width);
        let right = floats(&mut draws, count * columns * width);
        let inputs = [(&left[..], &[count, rows, width][..]), (&right[..], &[count, columns, width][..])];
        let [want, got] = [&cpu, &gpu].map(|device| both(device, inputs, Tensor::squared_distances));
        check(&format!("{count} x {rows} x {columns} x {width}"), 1e-5, &want?, &got?)?;
    }
    Ok(())
}

/// The runtime's kernels without checks against the same with them: every index inside, every loop ended, nothing read
/// before it is written.
fn forms() -> Result<(), Failed> {
    let [_, gpu] = devices()?;
    let mut draws = Stream::new(4, "forms").at(0, 0, 0, 0);
    for (count, size, columns) in [(1, 1, 1), (3, 2, 5), (2, 25, 5), (1, 131, 70), (2, 64, 65)] {
        let mut matrix = floats(&mut draws, count * size * size);
        for (place, entry) in matrix.iter_mut().enumerate() {
            let (row, column) = (place / size % size, place % size);
            *entry = if row == column { 4.0 * size as f32 } else { 0.1 };
        }
        let right = floats(&mut draws, count * size * columns);
        let inputs = [(&matrix[..], &[count, size, size][..]), (&right[..], &[count, size, columns][..])];
        let want = checked(|| both(&gpu, inputs, Tensor::solve_spd))?;
        check("systems", 1e-6, &want, &both(&gpu, inputs, Tensor::solve_spd)?)?;
        let left = floats(&mut draws, count * size * columns);
        let other = floats(&mut draws, count * (size + 3) * columns);
        let inputs = [(&left[..], &[count, size, columns][..]), (&other[..], &[count, size + 3, columns][..])];
        let want = checked(|| both(&gpu, inputs, Tensor::squared_distances))?;
        check("distances", 1e-6, &want, &both(&gpu, inputs, Tensor::squared_distances)?)?;
    }
    Ok(())
}

fn layouts() -> Result<(), Failed> {
    type Form = fn(&Tensor) -> moonburn::Result<Tensor>;
    let [cpu, gpu] = devices()?;
    let values: Vec<f32> = (0..6 * 9).map(|i| (i as f32 * 0.37).sin()).collect();
    let forms: [(&str, Form); 4] = [
        ("transposed", |x| x.transpose(0, 1)),
        ("rows from the second on", |x| x.slice(0, 1, 6)),
        ("a column apart", |x| x.slice(1, 3, 6)?.transpose(0, 1)),
        ("still to be computed", |x| x.mul_scalar(3.0)?.exp()?.slice(0, 2, 5)),
    ];
    for (name, form) in forms {
        let [want, got] = [&cpu, &gpu].map(|device| {
            let x = form(&Tensor::from_floats(values.clone(), &[6, 9], device)?)?;
            // What is computed after the kernel sees what it wrote.
            x.squared_distances(&x.slice(0, 0, 2)?)?.add_scalar(1.0)?.floats()
        });
        check(name, 1e-5, &[want?], &[got?])?;
    }
    Ok(())
}
