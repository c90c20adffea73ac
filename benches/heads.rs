//! How long the heads of `scripts/moonburn/heads` take, forward and backward: 256 ways, 1 shot, 1 query, 128 dims, on the
//! CPU, in milliseconds. `benches/heads.py` times the same in PyTorch. `cargo bench --bench heads`.

use std::{fs, time::Instant};

use moonburn::{Engine, Settings};

/// The most memory that the process has had, where the system says so.
fn peak() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".into(), |text| text.trim().to_owned())
}

fn main() {
    let mut engine = Engine::new();
    let started = Instant::now();
    engine.function("bench.seconds()", "Seconds since the program began.", move || Ok(started.elapsed().as_secs_f64()));
    engine.function(
        "bench.report(head, median, least, most)",
        "Prints a line.",
        |head: String, median: f64, least: f64, most: f64| {
            println!(
                r#"{{"head":"{head}","ms":{median:.3},"least":{least:.3},"most":{most:.3},"ways":256,"d":128,"peak":"{}"}}"#,
                peak()
            );
            Ok(())
        },
    );
    let settings = Settings { modules: vec!["scripts".into()], ..Settings::new("benches/heads.lua") };
    engine.run_file(&settings).expect("the bench runs");
}
