//! What live editing costs, on the CPU, one JSON line each. `cargo bench --bench reload -- [--edits 50] [--pairs 300]`.
//!
//! `latency`: an edit is saved at a random moment of a step, again and again. `start` is the time from the end of the
//! save to the beginning of the first step with the new code. It holds the rest of the step that runs meanwhile, 30 ms
//! in which nothing more may be saved, loading the new version and its trial step. `beyond` is that less one step,
//! which cannot be broken off; the trial step is in it.
//!
//! `step`: two processes train, one with all of it (folder, journal, checkpoints every minute, watch, orders) and one
//! without, and do their steps by turns, so that whatever else the machine does falls on both alike. The medians of
//! their steps, and the median of the differences with its confidence interval of 95 %. `null` is the same of two
//! trainings without: what the measurement is worth. `boundary`: the same of steps in which nothing is computed, which
//! is to say of all that happens between two steps, collecting garbage and taking the state among it, which the
//! training without does as well. `checkpoint`: what the training waits for, and what the writer's thread does
//! meanwhile.

use std::{
    error::Error,
    fs,
    io::{BufRead, BufReader, Write, stdin, stdout},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use moonburn::{
    Device, Engine, Settings,
    interrupt::Interrupt,
    model::{ResNetOptions, Stem, resnet18},
    nn::projector,
    optim::{Optimizer, OptimizerState, Rule, Schedule, Sgd},
    rng::Stream,
    run::{Checkpoints, Place},
    session::{
        Component, Session,
        checkpoint::{self, About},
    },
};

type Outcome<T> = Result<T, Box<dyn Error>>;

const TINY: &str = r#"
local mb = require "moonburn"
local experiment = { options = { steps = 10000000 } }

function experiment.setup(session)
  session.images    = mb.data.images("shapes", { count = 50, size = 16 })
  session.encoder   = mb.model.resnet18 { stem = "cifar", width = 2 }
  session.projector = mb.nn.projector { 16, 16, 8 }
  session.optimizer = mb.optim.sgd { lr = 0.02, momentum = 0.9 }
end

function experiment.episode(session)
  return mb.episode.views(session.images:next(6), { augment = mb.augment.horizontal_flip() })
end

function experiment.loss(session, episode)
  return mb.loss.nt_xent(session.projector(session.encoder(episode.images)), { views = 2 })
end

return experiment
"#;

/// Steps in which nothing is computed, of a session with a ResNet-18 of width 64.
const EMPTY: &str = r#"
local mb = require "moonburn"
local experiment = { options = { steps = 20000 } }

function experiment.setup(session)
  session.encoder   = mb.model.resnet18 { stem = "cifar", width = 64 }
  session.optimizer = mb.optim.sgd { lr = 0.02, momentum = 0.9 }
  session.state.sum = 0
end

function experiment.train(session)
  for _ in session:steps() do mb.mark(0) end
end

return experiment
"#;

/// A script, marked where each step begins. The edit is the number.
fn marked(script: &str, edit: usize) -> String {
    let mark = format!(
        "local episode_of_the_script = experiment.episode\n\
         function experiment.episode(session, o) require(\"moonburn\").mark({edit}) return episode_of_the_script(session, o) end\n\
         experiment.evaluate = nil\nreturn experiment"
    );
    script.replace("return experiment", &mark)
}

/// A training on a thread of its own.
struct Training {
    marks: Receiver<(Instant, usize)>,
    interrupt: Interrupt,
    thread: JoinHandle<Result<(), String>>,
}

impl Training {
    /// With a folder it is as the command line has it, with all that watches over it; else nothing of the kind.
    fn start(script: &Path, folder: Option<PathBuf>) -> Self {
        let (sender, marks) = mpsc::channel();
        let (interrupt, script) = (Interrupt::default(), script.to_owned());
        let shared = interrupt.clone();
        let thread = thread::spawn(move || {
            let settings = settings(&script, folder, shared);
            let mut engine = Engine::new();
            engine.function("mark(value)", "Notes that a step begins.", move |value: f64| {
                let _ = sender.send((Instant::now(), value as usize));
                Ok(())
            });
            // Nobody waits for its end while steps are waited for.
            engine.run(&settings).map(drop).inspect_err(|error| eprintln!("{error}")).map_err(|error| error.to_string())
        });
        Self { marks, interrupt, thread }
    }

    fn next(&self) -> Outcome<(Instant, usize)> {
        Ok(self.marks.recv_timeout(Duration::from_secs(120))?)
    }

    /// The seconds of so many steps.
    fn steps(&self, count: usize) -> Outcome<Vec<f64>> {
        let mut before = self.next()?.0;
        let mut seconds = Vec::with_capacity(count);
        for _ in 0..count {
            let now = self.next()?.0;
            seconds.push((now - before).as_secs_f64());
            before = now;
        }
        Ok(seconds)
    }

    fn stop(self) -> Outcome<()> {
        self.interrupt.request();
        Ok(self.thread.join().map_err(|_| "the training panicked")??)
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn most(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::MIN, f64::max)
}

fn option(name: &str, default: usize) -> usize {
    let value = std::env::args().skip_while(|argument| *argument != format!("--{name}")).nth(1);
    value.and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn settings(script: &Path, folder: Option<PathBuf>, interrupt: Interrupt) -> Settings {
    let set = vec![("epochs".to_owned(), "1000000".to_owned())];
    let set = if script.ends_with("simclr.lua") { set } else { Vec::new() };
    let (watch, place) = (folder.is_some(), folder.map(Place::Exactly));
    Settings { set, modules: vec!["scripts".into()], interrupt, watch, place, ..Settings::new(script) }
}

fn latency(name: &str, text: &str, edits: usize) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join(format!("{name}.lua"));
    fs::write(&script, marked(text, 0))?;
    let training = Training::start(&script, Some(folder.path().join("run")));
    training.steps(10)?;
    let mut draws = Stream::new(0, "edits").at(0, 0, 0, 0);
    let (mut starts, mut beyonds, mut trials, mut steps) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for edit in 1..=edits {
        let step = median(training.steps(9)?);
        thread::sleep(Duration::from_secs_f64(step * f64::from(draws.uniform())));
        fs::write(&script, marked(text, edit))?;
        let saved = Instant::now();
        let first = || loop {
            let (at, value) = training.next()?;
            if value == edit {
                return Outcome::Ok(at);
            }
        };
        // The trial step first, then the real one.
        let (tried, started) = (first()?, first()?);
        let start = (started - saved).as_secs_f64();
        starts.push(start * 1e3);
        beyonds.push((start - step).max(0.0) * 1e3);
        trials.push((started - tried).as_secs_f64() * 1e3);
        steps.push(step * 1e3);
    }
    training.stop()?;
    let (start_most, beyond_most) = (most(&starts), most(&beyonds));
    println!(
        r#"{{"part": "latency", "script": "{name}", "edits": {edits}, "step_ms": {:.1}, "start_ms": {:.1}, "start_most_ms": {start_most:.1}, "beyond_ms": {:.1}, "beyond_most_ms": {beyond_most:.1}, "trial_ms": {:.1}}}"#,
        median(steps),
        median(starts),
        median(beyonds),
        median(trials)
    );
    Ok(())
}

fn cost(part: &str, name: &str, text: &str, pairs: usize) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join(format!("{name}.lua"));
    fs::write(&script, text)?;
    let run = folder.path().join("run");
    let mut with = Turns::start(&script, (part != "null").then_some(run.as_path()))?;
    let mut without = Turns::start(&script, None)?;
    let mut found = Vec::with_capacity(pairs);
    for pair in 0..pairs + 5 {
        let both = if pair % 2 == 0 {
            let first = with.turn()?;
            (first, without.turn()?)
        } else {
            let first = without.turn()?;
            (with.turn()?, first)
        };
        found.push((both.0 * 1e3, both.1 * 1e3));
    }
    let found = &found[5..];
    let mut more: Vec<f64> = found.iter().map(|(with, without)| with - without).collect();
    more.sort_by(f64::total_cmp);
    // The ranks between which the median of a sample lies, by the normal approximation of the binomial distribution.
    let reach = (0.98 * (pairs as f64).sqrt()).ceil() as usize;
    let [least, middle, most] = [pairs / 2 - reach, pairs / 2, pairs / 2 + reach].map(|rank| more[rank.min(pairs - 1)]);
    let (with, without) = found.iter().copied().unzip();
    let (with, without): (f64, f64) = (median(with), median(without));
    let percent = |more: f64| 100.0 * more / without;
    println!(
        r#"{{"part": "{part}", "script": "{name}", "pairs": {pairs}, "with_ms": {with:.4}, "without_ms": {without:.4}, "more_us": {:.1}, "more_percent": {:.2}, "from": {:.2}, "to": {:.2}}}"#,
        middle * 1e3,
        percent(middle),
        percent(least),
        percent(most)
    );
    Ok(())
}

/// A training in a process of its own, which waits before each step for its turn.
struct Turns {
    child: Child,
    answers: BufReader<ChildStdout>,
}

impl Turns {
    fn start(script: &Path, folder: Option<&Path>) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--turns").arg(script).args(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let answers = BufReader::new(child.stdout.take().ok_or("it is piped")?);
        let mut turns = Self { child, answers };
        turns.answer()?;
        Ok(turns)
    }

    /// What the last step took, as the process itself measured it.
    fn answer(&mut self) -> Outcome<f64> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(line.trim().parse()?)
    }

    fn turn(&mut self) -> Outcome<f64> {
        self.child.stdin.as_mut().ok_or("it is piped")?.write_all(b"\n")?;
        self.answer()
    }
}

impl Drop for Turns {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The other side.
fn take_turns(script: &Path, folder: Option<PathBuf>) -> Outcome<()> {
    let mut engine = Engine::new();
    let began = std::cell::Cell::new(Instant::now());
    engine.function("mark(value)", "Waits for the turn.", move |_: f64| {
        // Whoever gives turns ends this process.
        let _ = writeln!(stdout(), "{}", began.get().elapsed().as_secs_f64());
        let _ = stdin().lock().read_line(&mut String::new());
        began.set(Instant::now());
        Ok(())
    });
    Ok(engine.run(&settings(script, folder, Interrupt::default())).map(drop)?)
}

/// Of a session with a ResNet-18, a projector and SGD with momentum.
fn checkpoint(width: usize) -> Outcome<()> {
    let device = Device::cpu();
    let mut session = Session::silent(device.clone(), 0);
    session.set(
        "encoder",
        Component::Module(resnet18(ResNetOptions { stem: Stem::Cifar, width, ..Default::default() })?),
    )?;
    session.set("projector", Component::Module(projector(&[8 * width, 8 * width, 128])?))?;
    let mut optimizer = Optimizer::new(Rule::Sgd(Sgd { momentum: 0.9, ..Sgd::default() }), Schedule::constant(0.1)?)?;
    // As many velocities as parameters, as after a step.
    let velocities = session.components().parameters().into_iter().map(|(name, parameter)| {
        let value = parameter.value().map(|value| value.detach());
        (name, value.expect("it is realised"))
    });
    optimizer.set_state(OptimizerState::of_velocities(velocities));
    session.set("optimizer", Component::Optimizer(std::rc::Rc::new(optimizer.into())))?;
    let folder = tempfile::tempdir()?;
    let checkpoints = Checkpoints::below(folder.path().to_owned());
    let (mut taken, mut waits, mut writes, mut bytes) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for step in 0..10 {
        let began = Instant::now();
        let state = session.state();
        taken.push(began.elapsed().as_secs_f64() * 1e6);
        let began = Instant::now();
        let files = checkpoint::encode(&state, &About::default())?;
        waits.push(began.elapsed().as_secs_f64() * 1e3);
        let began = Instant::now();
        let files = files()?;
        bytes = files.values().map(Vec::len).sum();
        checkpoints.write(step, &files)?;
        writes.push(began.elapsed().as_secs_f64() * 1e3);
    }
    let (taken, wait, write) = (median(taken), median(waits), median(writes));
    println!(
        r#"{{"part": "checkpoint", "width": {width}, "megabytes": {:.1}, "state_us": {taken:.1}, "training_waits_ms": {wait:.2}, "writer_ms": {write:.1}, "percent_of_a_minute": {:.4}}}"#,
        bytes as f64 / 1e6,
        wait / 60e3 * 100.0
    );
    Ok(())
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args_os().skip_while(|argument| argument != "--turns").skip(1);
    if let Some(script) = arguments.next() {
        return take_turns(Path::new(&script), arguments.next().map(PathBuf::from));
    }
    let (edits, pairs) = (option("edits", 50), option("pairs", 300));
    let simclr = fs::read_to_string(PathBuf::from("scripts/simclr.lua"))?;
    latency("tiny", TINY, edits)?;
    latency("simclr", &simclr, edits)?;
    cost("step", "tiny", &marked(TINY, 0), 10 * pairs)?;
    cost("step", "simclr", &marked(&simclr, 0), pairs)?;
    cost("null", "simclr", &marked(&simclr, 0), pairs)?;
    cost("boundary", "empty", EMPTY, 10 * pairs)?;
    [8, 64].into_iter().try_for_each(checkpoint)
}
