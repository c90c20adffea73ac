//! Edits of a live run, good ones and broken ones in many ways: the run never stops, each broken one is told once with
//! its place, each good one takes effect, and the run's journal repeats what came of it bit for bit, which is to say
//! that the broken ones left no trace.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, SystemTime},
};

use moonburn::{
    rng::{Draws, Stream},
    run::{Event, Journal},
};

use super::live_run::LiveRun;

/// All edits.
const EDITS: usize = 200;

/// What a refusal begins with.
const REFUSED: &str = "edit refused";

/// The script's files. Each edit saves one of them at once, as good editors do, so that it is one edit however slow the
/// machine is.
const NAMES: [&str; 2] = ["train.lua", "weights.lua"];

/// What is in them.
type Files = [String; 2];

/// What is broken, by what, and a part of what is told of it.
const BROKEN: [(&str, &str, &str); 37] = [
    // What does not parse.
    ("function experiment.episode", "local = 5 function experiment.episode", "train.lua:18: "),
    ("return weights.loss *", "return weights.loss * *", "train.lua:28: unexpected symbol"),
    ("  local augment = mb", "  local augment == mb", "train.lua:19: "),
    ("function experiment.loss(session, episode, o)", "function experiment.loss(session", "train.lua:24: "),
    ("local augment", "\u{e9}t\u{e9}", "train.lua:19: "),
    ("return { loss", "return { loss = ", "weights.lua:2: unexpected symbol"),
    // What fails when it is loaded.
    ("require \"weights\"", "require \"nowhere\"", "train.lua:3: require: no module 'nowhere'"),
    ("local weights = require \"weights\"", "error(\"early\")", "train.lua:3: early"),
    ("local weights = require \"weights\"", "error({})", "train.lua:3"),
    ("return experiment", "return nil", "train.lua:31: the script must return a table"),
    ("return experiment", "return 5", "train.lua:31: the script must return a table"),
    ("function experiment.episode", "function experiment.epsiode", "train.lua:18: experiment: "),
    ("checkpoint = { every = \"2s\" }", "checkpoint = { evry = 1 }", "train.lua:7: "),
    ("checkpoint = { every = \"2s\" }", "checkpoint = { every = \"soon\" }", "train.lua:7: "),
    ("checkpoint = { every = \"2s\" }", "recover = { rewind = -1 }", "train.lua:7: "),
    ("options = { steps", "options = 5, old = { steps", "train.lua:6: "),
    ("return { loss = 1.0 }", "return { loss = nothing.at.all }", "weights.lua:2: attempt to index"),
    ("return { loss = 1.0 }", "", "train.lua:28: attempt to index a boolean"),
    // What fails in setup.
    ("lr = 0.02,", "lr = \"fast\",", "train.lua:14: "),
    ("lr = 0.02,", "lr = -1,", "train.lua:14: "),
    ("steps = 1000000", "steps = \"many\"", "train.lua:6: options: steps must be a positive integer"),
    ("session.state.sum = 0\n", "error(\"in setup\")\n", "train.lua:15: in setup"),
    ("session.state.sum = 0\n", "session.model = 5\n", "train.lua:15: "),
    ("session.state.sum = 0\n", "session.state.f = function() end\n", "session: state.f must be a boolean"),
    ("mb.data.images(\"shapes\"", "mb.data.images(\"no/such/folder\"", "train.lua:11: "),
    ("width = 2", "width = 0", "train.lua:12: "),
    (
        "session.state.sum = 0\n",
        "session.state.sum = 0 session.second = mb.optim.sgd { lr = 1 }\n",
        "both move all parameters",
    ),
    // What fails in a step.
    ("local z = ", "error(\"in loss\") local z = ", "train.lua:25: in loss"),
    ("mb.loss.nt_xent", "mb.loss.nt_xnt", "train.lua:28: "),
    ("mb.randn(2 * o.batch, 8)", "mb.randn(2 * o.batch, 9)", "train.lua:26: add: shapes differ: [12, 8] and [12, 9]"),
    ("weights.loss *", "(0 / 0) *", "the loss (NaN) is not finite at step"),
    ("return weights.loss * mb.loss", "local l = mb.loss", "train.lua:23: loss: the returned value must be a scalar"),
    ("return weights.loss *", "return z +", "train.lua:23: loss: must be a scalar"),
    ("return mb.episode", "local e = mb.episode", "train.lua:18: episode: the function returned nothing"),
    ("session.state.sum = session", "session.state.f = print session.state.sum = session", "session: state.f must be"),
    ("session:log { sum", "session:log { step", "train.lua:27: log: "),
    ("return experiment", "function experiment.train() end return experiment", "the loop ended before its first step"),
];

struct Edited {
    folder: tempfile::TempDir,
    run: LiveRun,
    draws: Draws,
    /// What trains.
    files: Files,
    /// The file that is broken at present, if one is. It must be mended before the other is edited.
    broken: Option<usize>,
    /// What has trained, in order.
    accepted: Vec<Files>,
    refused: usize,
}

impl Edited {
    fn chance(&mut self, of: u32) -> bool {
        self.draws.below(of) == 0
    }

    fn save(&self, file: usize, text: impl AsRef<[u8]>, modified: Option<SystemTime>) {
        let partial = self.folder.path().join("partial");
        fs::write(&partial, text).expect("a script can be written");
        if let Some(time) = modified {
            let file = fs::File::options().write(true).open(&partial);
            file.and_then(|file| file.set_modified(time)).expect("a file's time can be set");
        }
        fs::rename(partial, self.folder.path().join(NAMES[file])).expect("a script can be saved");
    }

    /// A good version of the file that is broken, or else of any. Whatever it changes, a comment makes it another text.
    fn improve(&mut self) -> (usize, String) {
        let file = self.broken.unwrap_or(usize::from(self.chance(4)));
        let mut text = base()[file].clone();
        let changes: &[(&str, &[&str])] = [TRAIN, WEIGHTS][file];
        for (old, choices) in changes {
            if let Some(new) = choices.get(self.draws.below(choices.len() as u32 + 1) as usize) {
                text = text.replace(old, new);
            }
        }
        (file, format!("{text}-- edit {}\n", self.accepted.len()))
    }

    fn accept(&mut self, modified: Option<SystemTime>) {
        let (file, text) = self.improve();
        self.save(file, &text, modified);
        let (_, told) = self.run.wait(&["takes effect from step", REFUSED]);
        let want = format!("edit {} takes effect", self.accepted.len());
        assert!(told.contains(&want), "{told}{}", self.run.unseen());
        self.note_accepted(file, text);
    }

    fn note_accepted(&mut self, file: usize, text: String) {
        self.files[file] = text;
        self.broken = None;
        self.accepted.push(self.files.clone());
    }

    /// Saves the first part of a good edit, and the rest a little later. Whether the first part is seen at all is up to
    /// the time.
    fn accept_in_two_parts(&mut self) {
        let (file, text) = self.improve();
        let path = self.folder.path().join(NAMES[file]);
        let part = self.draws.below(text.len() as u32) as usize;
        fs::write(&path, &text.as_bytes()[..part]).expect("a script can be saved");
        thread::sleep(Duration::from_millis(u64::from(self.draws.below(80))));
        fs::write(&path, &text).expect("a script can be saved");
        let told = self.run.wait_for("takes effect from step");
        self.refused += told.matches(REFUSED).count();
        self.note_accepted(file, text);
    }

    fn expect_refused(&mut self, file: usize, want: &str) {
        let (which, told) = self.run.wait(&[REFUSED, "takes effect"]);
        assert_eq!(which, 0, "{told}{want}");
        self.refused += 1;
        self.broken = Some(file);
        self.run.wait_for(want);
    }

    /// Breaks a file in one way, which is made beside a good change in half of the cases.
    fn refuse(&mut self, kind: usize) {
        let (old, new, want) = BROKEN[kind];
        let file = usize::from(!base()[0].contains(old));
        let text = if self.chance(2) { &self.files[file] } else { &base()[file] };
        // A good edit may have replaced what is to be broken.
        let text = if text.contains(old) { text.replacen(old, new, 1) } else { base()[file].replacen(old, new, 1) };
        self.save(file, format!("{text}-- {kind} {}\n", self.refused), None);
        self.expect_refused(file, want);
    }

    /// Bytes that are no text, code that is no text, nothing, half a file, no file.
    fn refuse_odd(&mut self, file: usize, kind: usize) {
        let (before, _) = self.files[file].split_once("return").expect("a script returns something");
        let half = format!("{before}return {{");
        let (bytes, want): (&[u8], _) = match (kind, file) {
            (0, _) => (b"\xff\xfe\x00 = 1\n", ".lua: is UTF-16 or UTF-32 text; save it as UTF-8"),
            (1, _) => (b"\x1bLua\x54\x00", ".lua"),
            (2, 0) => (b"", "train.lua: the script must return a table"),
            (2, _) => (b"", "train.lua:28: attempt to index a boolean"),
            (3, _) => (half.as_bytes(), ".lua"),
            (_, 0) => return self.delete(file, "train.lua: No such file"),
            _ => return self.delete(file, "train.lua:3: require: no module 'weights'"),
        };
        self.save(file, bytes, None);
        self.expect_refused(file, want);
    }

    fn delete(&mut self, file: usize, want: &str) {
        fs::remove_file(self.folder.path().join(NAMES[file])).expect("a script can be deleted");
        self.expect_refused(file, want);
    }

    /// Any of the ways to break a file, the first of those that are left which fits.
    fn refuse_any(&mut self, left: &mut Vec<usize>) {
        let file_of = |kind: usize| match kind.checked_sub(BROKEN.len()) {
            None => usize::from(!base()[0].contains(BROKEN[kind].0)),
            Some(odd) => odd % 2,
        };
        // A file that is not there cannot be deleted, and nothing twice is no edit.
        let is_odd = |kind: usize| kind >= BROKEN.len();
        let fits = |kind: &usize| self.broken.is_none_or(|broken| broken == file_of(*kind) && !is_odd(*kind));
        let Some(place) = left.iter().position(fits) else { return self.accept(None) };
        let kind = left.remove(place);
        match kind.checked_sub(BROKEN.len()) {
            None => self.refuse(kind),
            Some(odd) => self.refuse_odd(odd % 2, odd / 2),
        }
    }

    /// Puts what trains in the place of something broken: no edit at all.
    fn undo(&mut self) {
        if let Some(file) = self.broken.take() {
            self.save(file, &self.files[file], None);
        }
    }
}

/// Good changes of the script.
const TRAIN: &[(&str, &[&str])] = &[
    ("temperature = 0.5", &["temperature = 0.2", "temperature = 1.0"]),
    ("schedule.constant(o.lr)", &["schedule.cosine(o.lr, 0)"]),
    ("local z = ", &["math.randomseed = nil local z = "]),
    ("16, 16, 8", &["16, 24, 8", "16, 16, 16, 8"]),
    ("momentum = 0.9", &["momentum = 0.8"]),
    ("mb.augment.horizontal_flip()", &["mb.augment.random_resized_crop { size = 16 }"]),
    ("return weights.loss *", &["return 0.1 * (z * z):mean() + weights.loss *"]),
    ("session.state.sum = 0\n", &["session.state.sum, session.state.more = 0, mb.zeros(3)\n"]),
];

/// Good changes of what it requires.
const WEIGHTS: &[(&str, &[&str])] = &[
    ("loss = 1.0", &["loss = 0.5", "loss = 2.0"]),
    ("-- What the training requires.", &["", "-- Required, caf\u{e9}."]),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/edits")
}

fn base() -> Files {
    NAMES.map(|name| fs::read_to_string(folder().join(name)).expect("a script can be read"))
}

fn start(folder: &Path, script: &str) -> LiveRun {
    let mut run = LiveRun::start(folder, 2, &["run", script, "--device", "cpu", "--out", "run"]);
    run.wait_for("step 1/");
    run
}

/// So many years from now.
fn years(count: i64) -> Option<SystemTime> {
    let span = Duration::from_secs(count.unsigned_abs() * 365 * 86_400);
    Some(if count < 0 { SystemTime::now() - span } else { SystemTime::now() + span })
}

#[test]
fn two_hundred_edits_half_of_them_broken_never_stop_a_run_and_the_broken_ones_leave_no_trace() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in NAMES.iter().zip(base()) {
        fs::write(folder.path().join(name), text).expect("a script can be saved");
    }
    let run = start(folder.path(), "train.lua");
    let mut draws = Stream::new(0, "edits").at(0, 0, 0, 0);
    // Each way to break it at least twice, in an order of chance.
    let mut ways: Vec<usize> = (0..EDITS / 2).map(|i| i % (BROKEN.len() + 10)).collect();
    let order = draws.choose(&mut ways, EDITS / 2).to_vec();
    let (mut left, mut good) = (order, EDITS / 2);
    let mut edited = Edited { folder, run, draws, files: base(), broken: None, accepted: vec![base()], refused: 0 };
    while good + left.len() > 0 {
        if edited.draws.below((good + left.len()) as u32) >= good as u32 {
            edited.refuse_any(&mut left);
            continue;
        }
        good -= 1;
        match edited.draws.below(8) {
            0 => edited.accept_in_two_parts(),
            // As a clock that jumps dates it.
            1 => edited.accept(years(30)),
            2 => edited.accept(years(-30)),
            3 => {
                edited.undo();
                edited.accept(None);
            }
            _ => edited.accept(None),
        }
    }
    // A loop that never ends, where it is loaded and in a step.
    for (old, new, want) in [
        ("return experiment", "while true do end return experiment", "loading it and its setup took longer than 10 s"),
        ("local z = ", "while true do pcall(error) end local z = ", "its trial step took longer than 10 s"),
    ] {
        edited.accept(None);
        edited.save(0, base()[0].replace(old, new), None);
        edited.expect_refused(0, want);
        edited.accept(None);
    }
    let Edited { folder, mut run, accepted, refused, .. } = edited;
    assert!(run.is_alive());
    run.interrupt();
    let (code, output) = run.end();
    assert_eq!(code, Some(130), "{output}");
    assert_eq!(output.matches("takes effect").count(), accepted.len() - 1, "{output}");
    assert_eq!(output.matches(REFUSED).count(), refused, "each broken edit is told once: {output}");
    println!("{} edits took effect, {refused} were refused", accepted.len() - 1);

    let run = folder.path().join("run");
    assert!(versions(&run) == accepted, "the journal has the good versions and no others");
    let (code, output) = LiveRun::start(folder.path(), 2, &["replay", "run", "--out", "again"]).end();
    assert_eq!(code, Some(0), "{output}");
    let want = format!("{} edits repeated", accepted.len() - 1);
    assert!(output.contains(&want) && output.contains("equal bit for bit"), "{output}");
}

/// The script's files of each version, as the journal has them.
fn versions(run: &Path) -> Vec<Files> {
    let entries = Journal::read(&run.join("journal.jsonl")).expect("the journal can be read");
    let versions = entries.into_iter().filter_map(|entry| match entry.event {
        Event::Version { files, .. } => Some(files),
        _ => None,
    });
    let read = |files: Vec<moonburn::run::Copied>| {
        [0, 1].map(|file: usize| fs::read_to_string(run.join(&files[file].copy)).expect("a copy can be read"))
    };
    versions.map(read).collect()
}

#[test]
fn a_step_that_never_ends_is_broken_off_for_an_edit_that_mends_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = fs::read_to_string(self::folder().join("stuck.lua")).expect("a script is text");
    let script = folder.path().join("stuck.lua");
    fs::write(&script, &text).expect("a script can be saved");
    let mut run = start(folder.path(), "stuck.lua");
    let save = |text: String| fs::write(&script, text).expect("a script can be saved");
    save(text.replace("return session.head(x):sum()", "return session.haed(x):sum()"));
    run.wait_for(REFUSED);
    // What an edit does to the process while it is tried costs no step.
    let saved = folder.path().join("run/checkpoints/step-00000001");
    let mut looks = (0..100).map(|_| {
        thread::sleep(Duration::from_millis(100));
        saved.exists()
    });
    assert!(looks.any(|exists| exists), "there is no {}", saved.display());
    save(text.replace("session.step == 2", "false"));
    let told = run.wait_for("takes effect from step 2");
    assert!(told.contains("edit 1 takes effect"), "{told}");
    run.interrupt();
    assert_eq!(run.end().0, Some(130));
    let (code, output) = LiveRun::start(folder.path(), 2, &["replay", "run", "--out", "again"]).end();
    assert!(code == Some(0) && output.contains("equal bit for bit"), "{output}");
}

#[test]
fn a_training_that_is_taken_back_after_an_edit_keeps_the_networks_of_the_edit() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = fs::read_to_string(self::folder().join("recover.lua")).expect("a script is text");
    let script = folder.path().join("recover.lua");
    fs::write(&script, &text).expect("a script can be saved");
    let mut run = start(folder.path(), "recover.lua");
    let edited = text.replace("width = 16, fails = 0", "width = 24, fails = 1");
    fs::write(&script, edited).expect("a script can be saved");
    run.wait_for("takes effect");
    run.wait_for("is not finite at step");
    // It fails again, as nothing else has changed.
    let (code, output) = run.end();
    assert!(code == Some(1) && output.contains("which is all it may"), "{output}");
    let mut resumed = LiveRun::start(folder.path(), 2, &["resume", "run", "--verify", "--set", "fails=0"]);
    resumed.wait_for("takes effect");
    resumed.interrupt();
    let (code, output) = resumed.end();
    assert!(code == Some(130) && !output.contains("another model"), "{output}");
}
