//! Embeds the runtime in a program: registers a typed function for its script, runs the script without the command
//! line, and reads the metrics back. `cargo run --release --example embed`.

use std::error::Error;

use moonburn::{Engine, Settings};

const SCRIPT: &str = r#"
local mb = require "moonburn"
local experiment = { options = { steps = 20, lr = 0.1 } }

function experiment.setup(session, options)
  session.line = mb.nn.linear(1, 1)
  session.optimizer = mb.optim.sgd { lr = options.lr }
end

function experiment.episode()
  local x, y = mb.plant.measure(8)        -- the program's own function
  return { x = mb.tensor(x):reshape(-1, 1), y = mb.tensor(y):reshape(-1, 1) }
end

function experiment.loss(session, episode)
  local difference = session.line(episode.x) - episode.y
  return (difference * difference):mean()
end

return experiment
"#;

pub fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("line.lua");
    std::fs::write(&script, SCRIPT)?;

    let mut engine = Engine::new();
    engine.function("plant.measure(count)", "Measures y = 3 x + 1 at so many points: two lists.", |count: usize| {
        let x: Vec<f64> = (0..count).map(|i| i as f64 / count as f64 * 2.0 - 1.0).collect();
        let y: Vec<f64> = x.iter().map(|x| 3.0 * x + 1.0).collect();
        Ok((x, y))
    });

    let outcome = engine.run(&Settings { seed: 7, ..Settings::new(script) })?;
    for (step, loss) in outcome.metrics.series("loss") {
        println!("step {step:2}  loss {loss:.5}");
    }
    Ok(())
}
