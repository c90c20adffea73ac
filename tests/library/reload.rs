//! Editing a script while it trains: what takes effect, what is refused, what goes on.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use moonburn::Settings;

use super::edited::{Edited, values};

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

impl Edited {
    /// Saves the script in a step, one passage of it replaced by another.
    fn edit(&self, step: u64, from: &str, to: &str) -> &Self {
        assert!(SCRIPT.contains(from), "{from}");
        self.save(step, "train.lua", Some(&SCRIPT.replace(from, to)))
    }
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
