//! Elementwise operations on 256 × 256 numbers beside PyTorch's eager ones, on as many threads: turn by turn, medians.
//! `benches/elementwise.py` is the other side; without torch its columns are empty. `cargo bench --bench elementwise --
//! THREADS`, 2 where none are given.

mod peer;

use std::time::Instant;

use moonburn::{
    Device, Result, Tensor,
    rng::{DrawKey, Stream},
    tensor::{Pass, grad},
};
use peer::Peer;

const TURNS: usize = 15;
const CALLS: usize = 200;

/// What is computed, named as in `benches/elementwise.py`.
struct Operation {
    name: &'static str,
    call: Box<dyn Fn() -> Result<Tensor>>,
}

fn operations() -> Result<Vec<Operation>> {
    let random =
        |shape: &[usize], name: &str| Tensor::randn(shape, Stream::new(1, name), DrawKey::default(), &Device::cpu());
    let (x, y, row, column) =
        (random(&[256, 256], "x")?, random(&[256, 256], "y")?, random(&[256], "row")?, random(&[256, 1], "column")?);
    let positive = x.abs()?;
    let mut all: Vec<Operation> = Vec::new();
    let mut add = |name, call: Box<dyn Fn() -> Result<Tensor>>| all.push(Operation { name, call });
    for (name, other) in [("add", &y), ("add_row", &row), ("add_column", &column)] {
        let (x, other) = (x.clone(), other.clone());
        add(name, Box::new(move || x.add(&other)));
    }
    let (left, right) = (x.clone(), y);
    add("mul", Box::new(move || left.mul(&right)));
    let values = x.clone();
    add("mul_number", Box::new(move || values.mul_scalar(0.5)));
    type Function = fn(&Tensor) -> Result<Tensor>;
    let functions: [(&str, Function); 9] = [
        ("relu", Tensor::relu),
        ("exp", Tensor::exp),
        ("tanh", Tensor::tanh),
        ("sigmoid", Tensor::sigmoid),
        ("erf", Tensor::erf),
        ("gelu", Tensor::gelu),
        ("sin", Tensor::sin),
        ("log", Tensor::log),
        ("sqrt", Tensor::sqrt),
    ];
    for (name, function) in functions {
        let values = if matches!(name, "log" | "sqrt") { positive.clone() } else { x.clone() };
        add(name, Box::new(move || function(&values)));
    }
    for (name, function) in [("relu_gradient", Tensor::relu as Function), ("gelu_gradient", Tensor::gelu)] {
        let (leaf, by) = (x.requires_grad()?, x.clone());
        let output = function(&leaf)?;
        let keeps = Pass { retain_graph: true, ..Pass::default() };
        let call = move || {
            let found = grad(std::slice::from_ref(&output), &[Some(by.clone())], std::slice::from_ref(&leaf), keeps)?;
            Ok(found[0].clone())
        };
        add(name, Box::new(call));
    }
    Ok(all)
}

/// Microseconds of a call.
fn median(times: &mut [f64]) -> Option<f64> {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).map(|seconds| seconds / CALLS as f64 * 1e6)
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let threads = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(2);
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    let mut theirs = Peer::start("elementwise.py", &[threads.to_string()]);
    println!("| {threads} threads | ours, µs | PyTorch, µs | times |\n|---|---|---|---|");
    for Operation { name, call } in operations()? {
        let (mut ours, mut others) = (Vec::new(), Vec::new());
        for turn in 0..=TURNS {
            let start = Instant::now();
            for _ in 0..CALLS {
                call()?;
            }
            let time = start.elapsed().as_secs_f64();
            let other = theirs.as_mut().and_then(|theirs| theirs.ask::<1>(&format!("{name} {CALLS}")));
            // The first turn warms both up.
            if turn > 0 {
                ours.push(time);
                others.extend(other.iter().flatten());
            }
        }
        let (ours, others) = (median(&mut ours), median(&mut others));
        let shown = |value: Option<f64>, digits| value.map_or_else(|| "-".into(), |value| format!("{value:.digits$}"));
        let ratio = ours.zip(others).map(|(ours, others)| ours / others);
        println!("| {name} | {} | {} | {} |", shown(ours, 1), shown(others, 1), shown(ratio, 2));
    }
    if let Some(theirs) = theirs {
        theirs.end();
    }
    Ok(())
}
