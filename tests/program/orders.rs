//! Orders to a live run from another process: what they do, and that what only looks leaves no trace.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use moonburn::control::{self, send};

const SCRIPT: &str = r#"
local mb = require "moonburn"
local experiment = { options = { steps = 100000, lr = 0.05 } }
function experiment.setup(session, o)
  session.images    = mb.data.images("shapes", { count = 20, size = 8 })
  session.model     = mb.nn.sequential { mb.nn.flatten(), mb.nn.linear(192, 4) }
  session.optimizer = mb.optim.sgd { lr = o.lr }
  session.state.count = 0
end
function experiment.episode(session) return mb.episode.views(session.images:next(4), { augment = mb.augment.horizontal_flip() }) end
function experiment.loss(session, episode)
  session.state.count = session.state.count + 1
  session:log { count = session.state.count }
  return mb.loss.nt_xent(session.model(episode.images) + 0.1 * mb.randn(8, 4), { views = 2, temperature = 0.5 })
end
function experiment.evaluate(session)
  session.state.count = session.state.count + 1000
  session.images:next(3)
  return { random = mb.rand(1):item(), other = math.random() }
end
return experiment
"#;

struct Run {
    folder: tempfile::TempDir,
    child: Child,
}

impl Run {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("train.lua"), SCRIPT).expect("it can be written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
        command.args(["run", "train.lua", "--device", "cpu", "--out", "run"]).current_dir(folder.path());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
        let run = Self { folder, child };
        let began = Instant::now();
        while run.order("status").is_err() {
            assert!(began.elapsed() < Duration::from_secs(60), "the run does not begin");
            std::thread::sleep(Duration::from_millis(20));
        }
        run
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("run")
    }

    fn order(&self, text: &str) -> Result<String, String> {
        let command: control::Command = text.parse().map_err(|error: moonburn::Error| error.to_string())?;
        send(&self.path(), &command, Duration::from_secs(60)).map_err(|error| error.to_string())
    }

    /// The number of steps that `status` has.
    fn steps(&self) -> u64 {
        let status = self.order("status").expect("it answers");
        let rest = status.split("after step ").nth(1).expect("it has the step");
        rest.split('/').next().expect("and the total").parse().expect("which are numbers")
    }

    fn quit(mut self) -> (tempfile::TempDir, Option<i32>) {
        self.order("quit").expect("it answers");
        let status = self.child.wait().expect("it ends");
        (self.folder, status.code())
    }
}

#[test]
fn a_run_is_paused_goes_on_by_single_steps_and_is_ended() {
    let run = Run::start();
    assert!(run.order("pause").expect("it answers").contains("paused"));
    let paused = run.steps();
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(run.steps(), paused);
    run.order("step 3").expect("it answers");
    let began = Instant::now();
    while run.steps() != paused + 3 {
        assert!(began.elapsed() < Duration::from_secs(60));
    }
    assert_eq!(run.steps(), paused + 3);
    run.order("continue").expect("it answers");
    let began = Instant::now();
    while run.steps() < paused + 10 {
        assert!(began.elapsed() < Duration::from_secs(60));
    }
    let (folder, code) = run.quit();
    assert_eq!(code, Some(130));
    assert!(folder.path().join("run/weights.safetensors").is_file());
}

#[test]
fn saving_evaluating_and_drawing_leave_no_trace_in_the_training() {
    let run = Run::start();
    for _ in 0..3 {
        let saved = run.order("save").expect("it answers");
        assert!(saved.contains("checkpoints/step-"), "{saved}");
        assert!(run.order("evaluate").expect("it answers").contains("\"random\""));
        let picture = run.order("episode").expect("it answers");
        let path = picture.rsplit(' ').next().expect("the path comes last");
        assert!(run.folder.path().join(path).is_file(), "{picture}");
    }
    let (folder, _) = run.quit();
    let counts = fs::read_to_string(folder.path().join("run/metrics.jsonl")).expect("metrics are text");
    let last = counts.lines().last().expect("there are lines");
    let last: serde_json::Value = serde_json::from_str(last).expect("of JSON");
    assert_eq!(last["count"].as_f64(), last["step"].as_f64());
    // A repetition, which nobody looks at, computes the same.
    let replay = Command::new(env!("CARGO_BIN_EXE_moonburn"))
        .args(["replay", "run", "--out", "again"])
        .current_dir(folder.path())
        .output()
        .expect("the program starts");
    let text = String::from_utf8_lossy(&replay.stdout).into_owned();
    assert!(replay.status.success() && text.contains("equal bit for bit"), "{text}");
}

#[test]
fn an_option_that_is_set_takes_effect_and_one_that_does_not_exist_is_refused() {
    let run = Run::start();
    let refused = run.order("set leraning=3").expect_err("there is none");
    assert!(refused.contains("unknown option 'leraning'"), "{refused}");
    assert!(run.order("set lr=fast").expect_err("it is no number").contains("lr must be a number, got 'fast'"));
    assert!(run.order("set lr=0.001").expect("it answers").contains("edit 1 takes effect from step"));
    let (folder, _) = run.quit();
    let metrics = fs::read_to_string(folder.path().join("run/metrics.jsonl")).expect("metrics are text");
    let last: serde_json::Value = serde_json::from_str(metrics.lines().last().expect("a line")).expect("JSON");
    assert_eq!(last["lr"], 0.001);
}

#[test]
fn a_run_that_has_ended_or_never_was_says_so() {
    let (folder, _) = Run::start().quit();
    let status = control::Command::Status;
    let ended = send(&folder.path().join("run"), &status, Duration::from_secs(5)).expect_err("it has ended");
    assert!(ended.to_string().contains("run"), "{ended}");
    assert!(send(Path::new("nowhere"), &status, Duration::from_secs(5)).is_err());
}
