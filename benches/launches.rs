//! What 1,000 launches of a small kernel of the runtime's own cost on a GPU device, software Vulkan included: one behind
//! the other, and each behind an operation of Burn's; submitted together and trusted, and each alone and checked, turn by
//! turn, medians. `cargo bench --bench launches -- DEVICE`, `gpu` where none is given.

use std::time::Instant;

use moonburn::{
    Device, Result, Tensor,
    gpu::{Counts, checked, counts},
};

const TURNS: usize = 9;
const LAUNCHES: usize = 1000;

/// One turn: its milliseconds and what it counted.
fn turn(x: &Tensor, y: &Tensor, with_operations: bool) -> Result<(f64, Counts)> {
    x.device().sync()?;
    let (before, start) = (counts(), Instant::now());
    for _ in 0..LAUNCHES {
        let left = if with_operations { &x.add_scalar(1.0)? } else { x };
        left.squared_distances(y)?;
    }
    x.device().sync()?;
    Ok((start.elapsed().as_secs_f64() * 1e3, counts() - before))
}

fn main() -> Result<()> {
    let name = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let device = Device::select(name.as_deref().unwrap_or("gpu"))?;
    println!("{}\n", device.name());
    println!(
        "| 1,000 launches | form | ms | launches | submissions | scopes | buffers |\n|---|---|---|---|---|---|---|"
    );
    let (x, y) = (Tensor::ones(&[4, 4], &device)?, Tensor::ones(&[4, 4], &device)?);
    for (what, with_operations) in [("one behind the other", false), ("each behind an operation of Burn's", true)] {
        let mut times = [const { Vec::new() }; 2];
        let mut counted = [Counts::default(); 2];
        // The first turn compiles.
        for number in 0..=TURNS {
            for (form, times) in times.iter_mut().enumerate() {
                let run = || turn(&x, &y, with_operations);
                let (milliseconds, counts) = if form == 0 { checked(run) } else { run() }?;
                counted[form] = counts;
                if number > 0 {
                    times.push(milliseconds);
                }
            }
        }
        for (form, name) in ["checked, alone", "trusted, together"].into_iter().enumerate() {
            times[form].sort_by(f64::total_cmp);
            let Counts { launches, submissions, scopes, buffers, .. } = counted[form];
            let time = times[form][TURNS / 2];
            println!("| {what} | {name} | {time:.1} | {launches} | {submissions} | {scopes} | {buffers} |");
        }
    }
    Ok(())
}
