//! Editing the functions that an optimizer goes by, its schedules' and its rule's: those of the version that trains count.

use moonburn::Outcome;

use super::edited::{Edited, values};

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
