//! What surrounds a convolution, beside PyTorch with channels-last images: batch norm in training, with ReLU, with an
//! addition and ReLU, pooling. Turn by turn the fastest call, of these the median: others on the machine disturb that
//! least. `benches/images.py` is the other side; without torch its columns are empty.
//! `cargo bench --bench images [-- THREADS]`, 2 threads where none are named.

mod peer;

use std::time::Instant;

use moonburn::{
    Device, Result, Tensor,
    rng::{DrawKey, Stream},
    tape::Pass,
    tensor::{Behind, Window, grad},
};
use peer::Peer;

const TURNS: usize = 7;

const SHAPES: [[usize; 4]; 4] = [[64, 64, 32, 32], [64, 512, 4, 4], [75, 64, 28, 28], [25, 64, 7, 7]];

const OPERATIONS: [&str; 6] =
    ["batch_norm", "batch_norm_relu", "batch_norm_add_relu", "max_pool_2", "max_pool_3", "global_pool"];

/// Images that lie channels last.
fn images(shape: [usize; 4], name: &str) -> Result<Tensor> {
    let [n, c, h, w] = shape;
    let drawn = Tensor::randn(&[n, h, w, c], Stream::new(1, name), DrawKey::default(), &Device::cpu())?;
    drawn.permute(&[0, 3, 1, 2])
}

fn compute(name: &str, [x, weight, bias, residual]: [&Tensor; 4]) -> Result<Tensor> {
    let window = |kernel: usize, padding: usize| Window { kernel: [kernel; 2], stride: [2; 2], padding: [padding; 2] };
    let residual = (name == "batch_norm_add_relu").then_some(residual);
    let behind = Behind { residual, relu: name.ends_with("relu") };
    match name {
        "max_pool_2" => x.max_pool2d(window(2, 0)),
        "max_pool_3" => x.max_pool2d(window(3, 1)),
        "global_pool" => x.global_avg_pool(),
        _ => Ok(x.batch_norm_train_with(weight, bias, 1e-5, behind)?.output),
    }
}

/// Microseconds of forward and backward.
fn ours(name: &str, shape: [usize; 4], calls: usize) -> Result<[f64; 2]> {
    let channels = [shape[1]];
    let vector = |name| Tensor::rand(&channels, Stream::new(1, name), DrawKey::default(), &Device::cpu());
    let (x, residual) = (images(shape, "x")?.requires_grad()?, images(shape, "r")?.requires_grad()?);
    let inputs = [x, vector("w")?.requires_grad()?, vector("b")?.requires_grad()?, residual];
    let [x, weight, bias, residual] = &inputs;
    let wanted = match name {
        "batch_norm_add_relu" => &inputs[..],
        _ if name.starts_with("batch_norm") => &inputs[..3],
        _ => &inputs[..1],
    };
    let output = compute(name, [x, weight, bias, residual])?;
    let by = match *output.shape() {
        [n, c, h, w] => images([n, c, h, w], "by")?,
        _ => Tensor::rand(output.shape(), Stream::new(1, "by"), DrawKey::default(), &Device::cpu())?,
    };
    drop(output);
    let mut seconds = [f64::INFINITY; 2];
    for _ in 0..calls {
        let start = Instant::now();
        let output = compute(name, [x, weight, bias, residual])?;
        seconds[0] = seconds[0].min(start.elapsed().as_secs_f64());
        let start = Instant::now();
        grad(&[output], &[Some(by.clone())], wanted, Pass::default())?;
        seconds[1] = seconds[1].min(start.elapsed().as_secs_f64());
    }
    Ok(seconds.map(|seconds| seconds * 1e6))
}

fn median(times: &[f64]) -> Option<f64> {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let threads = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(2);
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    let mut theirs = Peer::start("images.py", &[threads.to_string()]);
    println!("| what | images | forward, µs | PyTorch | ratio | backward, µs | PyTorch | ratio |");
    println!("|---|---|---|---|---|---|---|---|");
    for shape in SHAPES {
        for name in OPERATIONS {
            let calls = (20_000_000 / shape.iter().product::<usize>()).clamp(5, 50);
            let mut times = [[Vec::new(), Vec::new()], [Vec::new(), Vec::new()]];
            // The first turn warms both up.
            for turn in 0..=TURNS {
                let [n, c, h, w] = shape;
                let question = format!("{name} {n} {c} {h} {w} {calls}");
                let both = [Some(ours(name, shape, calls)?), theirs.as_mut().and_then(|theirs| theirs.ask(&question))];
                for (times, found) in times.iter_mut().zip(both).filter(|_| turn > 0) {
                    times.iter_mut().zip(found.into_iter().flatten()).for_each(|(times, one)| times.push(one));
                }
            }
            let mut line = format!("| {name} | {shape:?} |");
            for (own, other) in times[0].iter().zip(&times[1]) {
                let (own, other) = (median(own), median(other));
                let shown = |value: Option<f64>, digits| value.map_or("-".into(), |value| format!("{value:.digits$}"));
                let ratio = own.zip(other).map(|(own, other)| other / own);
                line += &format!(" {} | {} | {} |", shown(own, 0), shown(other, 0), shown(ratio, 2));
            }
            println!("{line}");
        }
    }
    if let Some(theirs) = theirs {
        theirs.end();
    }
    Ok(())
}
