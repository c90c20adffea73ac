//! Editing a script while it trains: what takes effect, what is refused, what goes on.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs,
    path::PathBuf,
    rc::Rc,
    thread,
    time::{Duration, Instant},
};

use moonburn::{
    Engine, Outcome, Replay, ScriptError, Settings,
    run::{Entry, Event, Journal, Place},
};

const SCRIPT: &str = r#"
local mb = require "moonburn"
local part = require "part"
local experiment = { options = { steps = 30, lr = 0.1, width = 3 } }
function experiment.setup(session, o)
  session.model     = mb.nn.sequential { mb.nn.linear(2, o.width), mb.nn.relu(), mb.nn.linear(o.width, 1) }
  session.optimizer = mb.optim.sgd { lr = o.lr, momentum = 0.9 }
  session.state.count = 0
  session.state.limit = 5
end
function experiment.train(session, o)
  for step in session:steps() do
    session.state.count = session.state.count + 1
    session:log { version = 1, count = session.state.count, limit = session.state.limit, part = part.value }
    session:update((session.model(mb.randn(4, 2)) ^ 2):mean())
    mb.at(step)
  end
end
return experiment
"#;

/// A file's name, and its text unless it is deleted.
type Save = (String, Option<String>);

/// A training in a folder of its own, whose files are saved at certain steps.
struct Edited {
    folder: tempfile::TempDir,
    saves: Rc<RefCell<BTreeMap<u64, Save>>>,
}

impl Edited {
    fn new(script: &str) -> Self {
        let edited = Self { folder: tempfile::tempdir().expect("a temporary folder"), saves: Rc::default() };
        edited.write("train.lua", script);
        edited.write("part.lua", "return { value = 10 }");
        edited
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).expect("it can be written");
    }

    /// Saves a file in a step: with the text, or not at all any more.
    fn save(&self, step: u64, name: &str, text: Option<&str>) -> &Self {
        self.saves.borrow_mut().insert(step, (name.to_owned(), text.map(str::to_owned)));
        self
    }

    /// Saves the script in a step, one passage of it replaced by another.
    fn edit(&self, step: u64, from: &str, to: &str) -> &Self {
        assert!(SCRIPT.contains(from), "{from}");
        self.save(step, "train.lua", Some(&SCRIPT.replace(from, to)))
    }

    fn engine(&self) -> Engine {
        let (saves, folder) = (self.saves.clone(), self.folder.path().to_owned());
        let mut engine = Engine::new();
        engine.function("at(step)", "Saves what is to be saved in this step.", move |step: usize| {
            // A trial step comes by here as well; each save is done once.
            if let Some((name, text)) = saves.borrow_mut().remove(&(step as u64)) {
                let path = folder.join(name);
                match text {
                    Some(text) => fs::write(&path, text).expect("it can be written"),
                    None => fs::remove_file(&path).expect("it can be removed"),
                }
                // So that the watcher has noticed before the step ends, as with a step that takes its time.
                thread::sleep(Duration::from_millis(400));
            }
            Ok(())
        });
        engine
    }

    fn settings(&self) -> Settings {
        let place = Some(Place::Exactly(self.run_folder()));
        Settings { place, watch: true, ..Settings::new(self.folder.path().join("train.lua")) }
    }

    fn run_folder(&self) -> PathBuf {
        self.folder.path().join("run")
    }

    fn run(&self) -> Result<Outcome, ScriptError> {
        self.engine().run(&self.settings())
    }

    fn journal(&self) -> Vec<Entry> {
        Journal::read(&self.run_folder().join("journal.jsonl")).expect("a run has a journal")
    }

    /// The number of edits that were accepted, and what was said of them.
    fn accepted(&self) -> (u64, Vec<String>) {
        let edits = self.journal().into_iter().filter_map(|entry| match entry.event {
            Event::Version { version, report, .. } => Some((version, report)),
            _ => None,
        });
        edits.fold((0, Vec::new()), |(count, all), (version, report)| (count.max(version), [all, report].concat()))
    }

    fn assert_replays(&self) {
        let place = Some(Place::Exactly(self.folder.path().join("again")));
        self.saves.borrow_mut().clear();
        let settings = Settings { place, ..Settings::new("") };
        let replayed = self.engine().replay(&Replay { run: self.run_folder(), settings }).expect("it is repeated");
        assert_eq!(replayed.difference, None, "{}", replayed.compared);
    }
}

fn values(outcome: &Outcome, name: &str) -> Vec<f64> {
    outcome.metrics.series(name).iter().map(|(_, value)| *value).collect()
}

#[test]
fn an_edit_takes_effect_while_it_trains_and_everything_else_goes_on() {
    let edited = Edited::new(SCRIPT);
    edited.edit(3, "version = 1", "version = 2").save(9, "part.lua", Some("return { value = 20 }"));
    let outcome = edited.run().expect("it trains");
    assert_eq!(outcome.updates, 30);
    assert_eq!(values(&outcome, "count"), (1..=30).map(f64::from).collect::<Vec<_>>());
    let versions = values(&outcome, "version");
    assert!(versions[..3].iter().all(|version| *version == 1.0), "{versions:?}");
    assert_eq!(versions[29], 2.0);
    let parts = values(&outcome, "part");
    assert_eq!((parts[8], parts[29]), (10.0, 20.0));
    assert_eq!(edited.accepted().0, 2);
    edited.assert_replays();
}

#[test]
fn an_edit_that_is_broken_in_any_way_changes_nothing_and_the_next_good_one_is_taken() {
    let untouched = Edited::new(SCRIPT);
    let want = values(&untouched.run().expect("it trains"), "loss");
    let broken = [
        ("return experiment", "return experiment +"),
        ("return experiment", "error('no')"),
        ("return experiment", "return nil"),
        ("mb.randn(4, 2)", "mb.randn(4, 3)"),
        ("mb.randn(4, 2)", "mb.rnadn(4, 2)"),
        ("^ 2):mean()", "^ 2):mean() / 0 * 0"),
        ("require \"part\"", "require \"missing\""),
        ("steps = 30", "steps = 0"),
        ("steps = 30", "steps = 'many'"),
        ("lr = o.lr", "lr = -1"),
        ("session.state.limit = 5", "session.state.limit = print"),
        ("session.state.limit = 5", "session.loss = 5"),
        ("for step in session:steps() do", "for step in function() end do"),
        ("experiment.setup", "experiment.setpu"),
    ];
    for (from, to) in broken {
        let edited = Edited::new(SCRIPT);
        // The good one is what was there before, but for a comment.
        edited.edit(3, from, to).edit(9, "version = 1", "version = 1 --[[ good ]]");
        let outcome = edited.run().unwrap_or_else(|error| panic!("{to}: {error}"));
        assert_eq!(edited.accepted().0, 1, "{to}: the good edit alone is accepted");
        assert_eq!(values(&outcome, "loss"), want, "{to}");
    }
}

#[test]
fn an_edit_that_fails_in_a_later_step_is_taken_back_and_leaves_no_trace() {
    let want = values(&Edited::new(SCRIPT).run().expect("it trains"), "loss");
    for late in ["if step >= 8 then error('late') end", "if step >= 8 then mb.ones(2):mean(7) end"] {
        let edited = Edited::new(SCRIPT);
        edited.edit(3, "    session:update", &format!("    {late}\n    session.state.count = 0\n    session:update"));
        let outcome = edited.run().expect("it trains");
        assert_eq!((values(&outcome, "loss"), outcome.updates), (want.clone(), 30));
        assert_eq!(values(&outcome, "count"), (1..=30).map(f64::from).collect::<Vec<_>>());
        assert_eq!(edited.accepted().0, 2, "it was accepted, and then the version before was");
        edited.assert_replays();
    }
}

#[test]
fn what_an_edit_changes_of_the_model_starts_anew_and_is_reported() {
    let edited = Edited::new(SCRIPT);
    edited.edit(3, "mb.nn.linear(o.width, 1)", "mb.nn.linear(o.width, 2)");
    let outcome = edited.run().expect("it trains");
    let (count, report) = edited.accepted();
    assert_eq!(count, 1);
    let report = report.join("; ");
    assert!(report.contains("model: kept 2") && report.contains("2.weight") && report.contains("[2, 3]"), "{report}");
    assert!(
        report.contains("optimizer: kept 2")
            && report.contains("dropped model.2.bias/trace [1], model.2.weight/trace [1, 3]"),
        "{report}"
    );
    assert_eq!(values(&outcome, "count")[29], 30.0);
    edited.assert_replays();
}

#[test]
fn a_value_of_setup_changes_where_the_edit_changes_it_and_goes_on_where_it_does_not() {
    let edited = Edited::new(SCRIPT);
    edited.edit(3, "session.state.limit = 5", "session.state.limit = 8");
    let outcome = edited.run().expect("it trains");
    let limits = values(&outcome, "limit");
    assert_eq!((limits[2], limits[29]), (5.0, 8.0));
    assert_eq!(values(&outcome, "count")[29], 30.0);
}

#[test]
fn a_learning_rate_of_the_edit_is_the_next_steps_and_the_velocities_stay() {
    let edited = Edited::new(SCRIPT);
    edited.edit(3, "lr = 0.1", "lr = 0.025");
    let outcome = edited.run().expect("it trains");
    let rates = values(&outcome, "lr");
    assert_eq!((rates[2], rates[29]), (0.1, 0.025));
    assert!(edited.accepted().1.is_empty(), "everything was kept: {:?}", edited.accepted().1);
    edited.assert_replays();
}

#[test]
fn a_precision_of_the_edit_is_the_next_steps_and_the_loss_scale_stays() {
    let half = |precision: &str| {
        let loss = "1e5 * (session.model(mb.randn(4, 2)) ^ 2):mean()";
        let text = SCRIPT.replace("lr = 0.1", &format!("lr = 1e-6, precision = \"{precision}\""));
        text.replace("(session.model(mb.randn(4, 2)) ^ 2):mean()", loss)
    };
    let edited = Edited::new(&half("float16"));
    edited.save(6, "train.lua", Some(&half("float32"))).save(12, "train.lua", Some(&half("float16")));
    let outcome = edited.run().expect("it trains");
    let logged = |name: &str| outcome.metrics.series(name).iter().copied().collect::<BTreeMap<u64, f64>>();
    let (scales, skipped) = (logged("loss_scale"), logged("skipped"));
    let gap: Vec<u64> = (1..=30).filter(|step| !scales.contains_key(step)).collect();
    let (before, after) = (gap[0] - 1, gap[gap.len() - 1] + 1);
    assert!(gap[0] >= 7 && after > 12 && gap.len() as u64 == after - before - 1, "{gap:?}");
    let halved = if skipped[&before] > skipped[&(before - 1)] { 2.0 } else { 1.0 };
    assert!(scales[&1] == 65536.0 && scales[&before] < 65536.0, "{scales:?}");
    assert_eq!(scales[&after], scales[&before] / halved);
    edited.assert_replays();
}

#[test]
fn a_file_that_is_deleted_and_made_again_is_an_edit_once_it_is_there() {
    let edited = Edited::new(SCRIPT);
    edited.save(3, "part.lua", None).save(9, "part.lua", Some("return { value = 30 }"));
    let outcome = edited.run().expect("it trains");
    assert_eq!(values(&outcome, "part")[29], 30.0);
    assert_eq!(edited.accepted().0, 1);
}

#[test]
fn a_loop_that_catches_every_error_is_left_all_the_same() {
    let script = SCRIPT.replace(
        "    session:update((session.model(mb.randn(4, 2)) ^ 2):mean())\n    mb.at(step)\n  end",
        "    session:update((session.model(mb.randn(4, 2)) ^ 2):mean())\n    mb.at(step)\n  end\n  session.state.ended \
             = true",
    );
    let script = script.replace("function experiment.train(session, o)", "local function loop(session, o)");
    let script = script.replace(
        "return experiment",
        "function experiment.train(session, o)\n  while session.step < 30 do pcall(loop, session, o) end\nend\nreturn \
             experiment",
    );
    let edited = Edited::new(&script);
    edited.save(3, "train.lua", Some(&script.replace("version = 1", "version = 2")));
    let outcome = edited.run().expect("it trains");
    assert_eq!((outcome.updates, values(&outcome, "version")[29]), (30, 2.0));
}

#[test]
fn a_run_without_watching_never_looks_at_its_files_again() {
    let edited = Edited::new(SCRIPT);
    edited.edit(3, "version = 1", "version = 2");
    let outcome = edited.engine().run(&Settings { watch: false, ..edited.settings() }).expect("it trains");
    assert_eq!(values(&outcome, "version")[29], 1.0);
}

#[test]
fn a_step_that_never_ends_is_broken_off_for_the_edit_that_mends_it() {
    let edited =
        Edited::new(&SCRIPT.replace("    mb.at(step)", "    mb.at(step)\n    while step == 5 and true do end"));
    edited.save(5, "train.lua", Some(SCRIPT));
    let began = Instant::now();
    let outcome = edited.run().expect("it trains");
    assert_eq!((outcome.updates, edited.accepted().0), (30, 1));
    assert_eq!(values(&outcome, "count"), (1..=30).map(f64::from).collect::<Vec<_>>());
    assert!(began.elapsed() > Duration::from_secs(5), "a step that is merely slow is not broken off");
    edited.assert_replays();
}

#[test]
fn a_network_that_the_loop_made_goes_on_over_an_edit() {
    let head = "if not session:has \"head\" then session.head = mb.nn.linear(1, 3) end\n    session:log { head = \
         session.head:parameters().weight:sum() }";
    let script = SCRIPT.replace(
        "    session:update((session.model(mb.randn(4, 2))",
        &format!("    {head}\n    session:update((session.head(session.model(mb.randn(4, 2)))"),
    );
    let edited = Edited::new(&script);
    edited.save(3, "part.lua", Some("return { value = 11 }"));
    let outcome = edited.run().expect("it trains");
    let heads = values(&outcome, "head");
    let jump = heads.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f64::max);
    assert!(jump < 0.5, "the head goes on: {heads:?}");
    assert!(edited.accepted().1.is_empty(), "everything was kept: {:?}", edited.accepted().1);
    edited.assert_replays();
}

#[test]
fn what_a_trial_does_is_seen_by_nothing_that_trains() {
    let script = SCRIPT.replace("local experiment", "local calls = 0\nlocal experiment");
    let script =
        script.replace("  for step in", "  local early, other = mb.randn(1):item(), math.random()\n  for step in");
    let script = script.replace("version = 1,", "version = 1, early = early, other = other, calls = calls,");
    let script = script.replace("    mb.at(step)", "    calls = calls + 1\n    mb.at(step)");
    let edited = Edited::new(&script);
    edited.save(3, "train.lua", Some(&script.replace("version = 1", "version = 2")));
    let outcome = edited.run().expect("it trains");
    let (early, other) = (values(&outcome, "early"), values(&outcome, "other"));
    assert!(early.iter().all(|value| *value == early[0]), "{early:?}");
    assert!(other.iter().all(|value| *value == other[0]), "{other:?}");
    let versions = values(&outcome, "version");
    let first = versions.iter().position(|version| *version == 2.0).expect("it took effect");
    assert_eq!(values(&outcome, "calls")[first], 0.0);
    edited.assert_replays();
}

#[test]
fn a_fork_that_would_fork_itself_for_ever_is_refused() {
    let script = SCRIPT.replace("    mb.at(step)", "    if step == 3 then session:fork { set = { lr = 0.01 } } end");
    let error = Edited::new(&script).run().expect_err("it is refused").to_string();
    assert!(error.contains("this run was itself forked in step 3"), "{error}");
}

#[test]
fn a_second_run_starts_from_the_state_of_a_live_one_and_leaves_it_as_it_is() {
    let script = SCRIPT.replace(
        "    mb.at(step)",
        "    mb.at(step)\n    if step == 10 and o.width == 3 and o.lr == 0.1 then\n      local same, other = \
             session:fork { set = { steps = 12 } }, session:fork { set = { lr = 0.01, steps = 12 } }\n      \
             session:log { same = same.metrics.loss[1], other = other.metrics.loss[2], updates = other.updates }\n    \
             end",
    );
    let script = script.replace("and o.lr == 0.1", "and o.lr == 0.1 and o.steps == 30");
    let (forking, plain) = (Edited::new(&script), Edited::new(SCRIPT));
    let (outcome, want) = (forking.run().expect("it trains"), plain.run().expect("it trains"));
    assert_eq!(values(&outcome, "loss"), values(&want, "loss"), "the run itself does not notice");
    let losses = values(&outcome, "loss");
    assert_eq!(values(&outcome, "same"), [losses[9]], "a fork begins with the running step");
    assert_ne!(values(&outcome, "other"), [losses[10]], "and another learning rate shows in its second");
    assert_eq!(values(&outcome, "updates"), [12.0]);
}

const OWN_MODULE: &str = r#"
local mb = require "moonburn"
local experiment = { options = { steps = 12, lr = 0.1 } }
function experiment.setup(session, o)
  session.model = mb.nn.module {
    blocks = { mb.nn.linear(2, 3), mb.nn.linear(3, 3) },
    center = mb.nn.buffer { 3 },
    count = mb.nn.buffer(mb.tensor { 0 }),
    measure = function(self) return 1 end,
    forward = function(self, x)
      for _, block in ipairs(self.blocks) do x = block(x) end
      self.center, self.count = 0.5 * self.center + 0.5 * x:mean(1), self.count + 1
      return x - self.center
    end,
  }
  session.model:init(mb.nn.init.zeros(), { roles = { "bias" } })
  session.optimizer = mb.optim.sgd { lr = o.lr, momentum = 0.9 }
end
function experiment.train(session, o)
  for step in session:steps() do
    local loss = (session.model(mb.randn(4, 2)) ^ 2):mean()
    session:log { measure = session.model:measure(), count = session.model.count, bias = session.model.blocks[1].bias:abs():sum() }
    session:update(loss)
    mb.at(step)
  end
end
return experiment
"#;

#[test]
fn an_edit_of_a_modules_own_functions_and_parts_keeps_its_buffers_and_what_still_fits() {
    let edited = Edited::new(OWN_MODULE);
    let other = OWN_MODULE.replace("return 1 end", "return 2 end");
    let longer = other.replace("mb.nn.linear(3, 3) }", "mb.nn.linear(3, 3), mb.nn.linear(3, 3) }");
    edited.save(3, "train.lua", Some(&other)).save(7, "train.lua", Some(&longer));
    let outcome = edited.run().expect("it trains");
    assert_eq!(values(&outcome, "count"), (1..=12).map(f64::from).collect::<Vec<_>>());
    let measures = values(&outcome, "measure");
    assert_eq!((measures[2], measures[11]), (1.0, 2.0));
    // The beginning that setup asks for is that of new parameters: what was trained goes on.
    assert!(values(&outcome, "bias")[1..].iter().all(|bias| *bias > 0.0), "{:?}", values(&outcome, "bias"));
    let (count, report) = edited.accepted();
    let report = report.join("; ");
    assert!(count == 2 && report.contains("blocks.2.weight") && !report.contains("center"), "{report}");
    edited.assert_replays();
}

/// A script whose optimizer goes by functions. In each step it logs how far its bias has moved against a gradient of 1.
const FUNCTIONS: &str = r#"
local mb = require "moonburn"
local plateau = require "moonburn.plateau"
local experiment = { options = { steps = 30, rule = "sgd", factor = 1.0 } }
local falling
local rules = {
  sgd = function(o)
    return mb.optim.sgd {
      lr = function() return 0.1 * o.factor end,
      momentum = function() return 0.5 end,
      groups = { { name = "bias", roles = { "bias" }, lr = function() return 0.25 end } },
    }
  end,
  kept = function(_, session)
    return mb.optim.of {
      lr = 0.125,
      init = function(p) return { count = 0 * session.step, sum = mb.zeros_like(p) } end,
      update = function(gradient, state)
        return gradient * state.count, { count = state.count + 1, sum = state.sum + gradient }
      end,
    }
  end,
  of = function() return mb.optim.of { lr = 0.125, update = function(gradient) return 2 * gradient end } end,
  plateau = function() return mb.optim.sgd { lr = falling.lr } end,
}
function experiment.setup(session, o)
  session.model = mb.nn.linear(2, 1)
  falling = plateau.new(session, "plateau", { lr = 0.5, patience = 0, factor = 0.5 })
  session.optimizer = rules[o.rule](o, session)
end
function experiment.train(session, o)
  for step in session:steps() do
    local before = session.model.bias:item()
    session:update(session.model(mb.ones(1, 2)):sum())
    session:log { moved = before - session.model.bias:item() }
    if step % 10 == 0 then falling.observe(1) end
    mb.at(step)
  end
end
return experiment
"#;

impl Edited {
    /// The training by one of the rules of [`FUNCTIONS`], one passage of which an edit replaces in step 3.
    fn of_functions(rule: &str, from: &str, to: &str) -> Self {
        assert!(FUNCTIONS.contains(from), "{from}");
        let script = FUNCTIONS.replace("rule = \"sgd\"", &format!("rule = \"{rule}\""));
        let edited = Self::new(&script);
        edited.save(3, "train.lua", Some(&script.replace(from, to)));
        edited
    }
}

/// A logged value in the edit's step and in the last one.
fn before_and_after(outcome: &Outcome, name: &str) -> [f64; 2] {
    let values = values(outcome, name);
    [values[2], values[29]]
}

#[test]
fn an_edit_of_a_function_that_a_schedule_goes_by_is_the_next_steps() {
    for (from, to, name, after) in [
        ("return 0.1 * o.factor", "return 0.2 * o.factor", "lr", [0.1, 0.2]),
        ("return 0.5 end", "return 0.75 end", "momentum", [0.5, 0.75]),
        ("return 0.25 end", "return 0.125 end", "lr.bias", [0.25, 0.125]),
        // Whatever else is edited, the functions are those of the version that trains.
        ("if step % 10 == 0", "if step % 10 == 5", "lr", [0.1, 0.1]),
    ] {
        let edited = Edited::of_functions("sgd", from, to);
        let outcome = edited.run().expect("it trains");
        assert_eq!((edited.accepted().0, before_and_after(&outcome, name)), (1, after), "{to}");
        edited.assert_replays();
    }
}

#[test]
fn an_edit_of_a_rule_of_the_scripts_own_is_the_next_steps() {
    let edited = Edited::of_functions("of", "return 2 * gradient", "return 4 * gradient");
    let outcome = edited.run().expect("it trains");
    let [before, after] = before_and_after(&outcome, "moved");
    assert!((before - 0.25).abs() < 1e-5 && (after - 0.5).abs() < 1e-5, "{before} {after}");
    edited.assert_replays();
}

#[test]
fn what_a_rule_of_the_scripts_own_keeps_goes_on_where_its_init_looks_at_the_session() {
    let edited = Edited::of_functions("kept", "mb.at(step)", "mb.at(step) -- edited");
    let outcome = edited.run().expect("it trains");
    let [before, after] = before_and_after(&outcome, "moved");
    assert!((before - 0.25).abs() < 1e-4 && (after - 3.625).abs() < 1e-4, "{before} {after}");
    assert!(edited.accepted().1.is_empty(), "everything was kept: {:?}", edited.accepted().1);
    edited.assert_replays();
}

#[test]
fn a_plateau_goes_on_to_lower_the_rate_after_an_edit() {
    let edited = Edited::of_functions("plateau", "mb.at(step)", "mb.at(step) -- edited");
    let outcome = edited.run().expect("it trains");
    let rates = values(&outcome, "lr");
    assert_eq!((rates[2], rates[19], rates[20], rates[29]), (0.5, 0.5, 0.25, 0.25));
    edited.assert_replays();
}

#[test]
fn an_edit_that_is_taken_back_takes_its_functions_with_it() {
    let late = "if step >= 8 then error('late') end";
    let script = FUNCTIONS.replace("0.1 * o.factor", "0.2 * o.factor");
    let edited = Edited::new(FUNCTIONS);
    edited.save(3, "train.lua", Some(&script.replace("    mb.at(step)", &format!("    {late}\n    mb.at(step)"))));
    let outcome = edited.run().expect("it trains");
    assert_eq!((edited.accepted().0, values(&outcome, "lr")), (2, vec![0.1; 30]));
    edited.assert_replays();
}

#[test]
fn a_second_run_goes_by_the_functions_of_its_own_options() {
    let fork = "if step == 10 and o.factor == 1 then\n      local other = session:fork { set = { factor = 0.5 } }\n      \
                session:log { other = other.metrics.lr[1] }\n    end";
    let script = FUNCTIONS.replace("    mb.at(step)", &format!("    {fork}\n    mb.at(step)"));
    let outcome = Edited::new(&script).run().expect("it trains");
    assert_eq!((values(&outcome, "other"), values(&outcome, "lr")), (vec![0.05], vec![0.1; 30]));
}

#[test]
fn a_function_that_the_loop_gave_an_optimizer_must_be_given_anew() {
    let given = "if step == 5 then session.optimizer:configure(mb.optim.sgd { lr = function() return 0.3 end }) end";
    let script = FUNCTIONS.replace("    mb.at(step)", &format!("    {given}\n    mb.at(step)"));
    let edited = Edited::new(&script);
    edited.save(8, "train.lua", Some(&script.replace("0.1 * o.factor", "0.2 * o.factor")));
    let outcome = edited.run().expect("it trains");
    assert_eq!((edited.accepted().0, values(&outcome, "lr")[29]), (0, 0.3), "the edit is refused");
}
