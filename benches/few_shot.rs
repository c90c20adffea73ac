//! Few-shot evaluation on random features for every head: episodes per second, one JSON line each.
//!
//!     cargo bench --bench few_shot -- [--episodes 2000] [--rounds 5] [--threads 2]

use std::{env, time::Instant};

use moonburn::{
    Device, Result, Tensor,
    evaluate::{FewShotHead, FewShotProtocol, few_shot},
    rng::Stream,
};

const CLASSES: usize = 20;
const ROWS: usize = 100;
const WIDTH: usize = 512;
/// Of a row around its class's mean, relative to the means: the classes overlap, as they do for a fresh encoder.
const SPREAD: f32 = 4.0;

fn main() -> Result<()> {
    let [episodes, rounds, threads] = [("--episodes", 2000), ("--rounds", 5), ("--threads", 2)].map(option);
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().expect("threads can be started");
    let (features, labels) = clusters()?;
    let heads = [FewShotHead::Prototypes, FewShotHead::Ridge, FewShotHead::Logistic];
    for head in heads {
        for shots in [1, 5] {
            let options = FewShotProtocol { shots, episodes, head, ..Default::default() };
            let mut rates = Vec::new();
            let mut accuracy = 0.0;
            for _ in 0..rounds {
                let start = Instant::now();
                accuracy = few_shot(&features, &labels, &options)?.accuracy;
                rates.push(episodes as f64 / start.elapsed().as_secs_f64());
            }
            rates.sort_by(f64::total_cmp);
            let [min, median, max] = [0, rates.len() / 2, rates.len() - 1].map(|i| rates[i]);
            println!(
                r#"{{"part": "few_shot", "head": "{}", "ways": 5, "shots": {shots}, "queries": 15, "d": {WIDTH}, "threads": {threads}, "accuracy": {accuracy:.4}, "episodes_per_s": {median:.0}, "min": {min:.0}, "max": {max:.0}}}"#,
                head.name()
            );
        }
    }
    Ok(())
}

/// Rows around a mean for each class, as what ReLU and pooling leave: none is negative.
fn clusters() -> Result<(Tensor, Vec<u32>)> {
    let mut noise = Stream::new(0, "features").at(0, 0, 0, 0);
    let means: Vec<f32> = (0..CLASSES * WIDTH).map(|_| noise.normal()).collect();
    let values = (0..CLASSES * ROWS * WIDTH)
        .map(|i| (means[i / (ROWS * WIDTH) * WIDTH + i % WIDTH] + SPREAD * noise.normal()).max(0.0))
        .collect();
    let features = Tensor::from_floats(values, &[CLASSES * ROWS, WIDTH], &Device::cpu())?;
    Ok((features, (0..CLASSES * ROWS).map(|row| (row / ROWS) as u32).collect()))
}

/// The number after a flag on the command line, or its default.
fn option((flag, default): (&str, usize)) -> usize {
    let value = env::args().skip_while(|argument| argument != flag).nth(1);
    value.and_then(|value| value.parse().ok()).unwrap_or(default).max(1)
}
