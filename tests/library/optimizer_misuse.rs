//! What is said of an optimizer that cannot be as it is written, where that shows in a training.

use std::fs;

use moonburn::{Engine, Outcome, Settings};

/// A training of three steps by a script's lines: those that make optimizers, and those of a step.
fn trained(optimizers: &str, step: &str) -> Result<Outcome, String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("script.lua");
    let script = format!(
        "local mb = require 'moonburn'
local experiment = {{ options = {{ steps = 3 }} }}
function experiment.setup(session)
  session.encoder, session.head = mb.nn.linear(3, 4), mb.nn.linear(4, 2, {{ bias = false }})
  {optimizers}
end
function experiment.train(session)
  for step in session:steps() do
    local function loss() return session.head(session.encoder(mb.ones(1, 3))):sum() end
    {step}
  end
end
return experiment"
    );
    fs::write(&file, script).expect("it can be written");
    Engine::new().run(&Settings::new(&file)).map_err(|error| error.to_string())
}

fn assert_told(optimizers: &str, step: &str, want: &str) {
    let error = trained(optimizers, step).err().unwrap_or_else(|| panic!("{optimizers} {step}: it trains"));
    assert!(error.contains(want), "{optimizers} {step}: {error}");
}

const UPDATE: &str = "session:update(loss())";

#[test]
fn an_optimizer_that_makes_a_step_is_not_asked_for_another_one_by_its_own_rule() {
    let inside = [
        "session:update(session.encoder(mb.ones(1, 3)):sum())",
        "session.optimizer:step()",
        "session.optimizer:update(session.encoder(mb.ones(1, 3)):sum())",
        "session.optimizer:zero_grad()",
        "session.optimizer:configure(mb.optim.sgd { lr = 1 })",
        "mb.optim.sam(session.optimizer)",
        "mb.optim.lookahead(session.optimizer)",
    ];
    for inside in inside {
        let want = "optimizer: it makes a step just now, which a function of its own takes part in";
        let update = format!("update = function(gradient) {inside} return gradient end");
        assert_told(&format!("session.optimizer = mb.optim.of {{ lr = 0.1, {update} }}"), UPDATE, want);
        let init = format!("init = function() {inside} end, update = function(gradient) return gradient end");
        assert_told(&format!("session.optimizer = mb.optim.of {{ lr = 0.1, {init} }}"), UPDATE, want);
    }
}

#[test]
fn a_rule_of_the_scripts_own_may_look_at_the_session_in_each_of_its_functions() {
    let optimizer = "session.optimizer = mb.optim.of {
      lr = function() return 0.1 / session.total end,
      init = function() return { seen = mb.zeros(1) + session.step } end,
      update = function(gradient, state) return gradient * session.step, state end,
    }";
    assert_eq!(trained(optimizer, UPDATE).expect("it trains").updates, 3);
}

#[test]
fn a_state_of_another_shape_than_inits_is_told_with_both() {
    let optimizer = "session.optimizer = mb.optim.of {
      lr = 0.1,
      init = function(p) return { m = mb.zeros(1) } end,
      update = function(g, s) return g, { m = s.m + g } end,
    }";
    assert_told(optimizer, UPDATE, "of: m in the state that update returns must be [1], as init made it, got [");
}

#[test]
fn an_init_that_fails_is_told_with_what_it_was_given() {
    let optimizer = "session.optimizer = mb.optim.of {
      lr = 0.1,
      init = function(p) if p:abs():sum():item() == 0 then error('no zeros') end end,
      update = function(gradient) return gradient end,
    }";
    assert_told(optimizer, UPDATE, "of: init of zeros, which have a parameter's shape [");
    assert_told(optimizer, UPDATE, "no zeros");
}

#[test]
fn a_parameter_of_two_components_is_told_with_both_paths() {
    let shared = "local w = mb.nn.parameter { 2 }
      local function of() return mb.nn.module { w = w, forward = function(self, x) return x * self.w end } end
      session.one = of()
      session.two = of()
      session.optimizer = mb.optim.sgd { lr = 1 }";
    assert_told(shared, UPDATE, "update: one.w and two.w are one parameter; it has one place");
}

#[test]
fn it_is_told_whether_there_is_no_optimizer_or_two_that_move_the_same() {
    assert_told("", UPDATE, "update: the session has no optimizer");
    let both = "session.a = mb.optim.sgd { lr = 1 } session.b = mb.optim.adam { lr = 1 }";
    let want = "update: 'a' and 'b' both move all parameters; say by their option parameters which of them moves what";
    assert_told(both, UPDATE, want);
}

#[test]
fn a_group_to_which_no_parameter_falls_is_told_by_every_way_to_step() {
    let made = |of: &str, groups: &str| {
        format!("session.optimizer = mb.optim.adamw {{ lr = 0.1, {of} groups = {{ {groups} }} }}")
    };
    let by_step = "loss():backward() session.optimizer:step()";
    for step in [UPDATE, by_step, "session.optimizer:update(loss())"] {
        // The head has no bias.
        let bias = made("", "{ name = 'own', parameters = { 'head' }, roles = { 'bias' } }");
        assert_told(
            &bias,
            step,
            "optimizer: group 'own' of 'optimizer' has no parameter: those at its paths have other",
        );
        let elsewhere =
            made("parameters = { 'encoder' },", "{ name = 'own', parameters = { 'encoder.bias', 'head' } }");
        let elsewhere = format!("session.head:freeze() {elsewhere}");
        assert_told(
            &elsewhere,
            step,
            "optimizer: group 'own' of 'optimizer' has 'head', which 'optimizer' does not move",
        );
        let unknown = made("", "{ name = 'own', parameters = { 'haed' } }");
        assert_told(&unknown, step, "optimizer: unknown module or parameter 'haed'; did you mean 'head'?");
        let norms = made("", "{ name = 'plain', roles = { 'norm' }, weight_decay = 0 }");
        assert_eq!(trained(&norms, step).expect("it trains").updates, 3);
    }
}

#[test]
fn a_number_of_a_step_that_makes_no_sense_is_told_with_what_it_is_of() {
    let made = |lr: &str, group: &str| {
        format!(
            "session.optimizer = mb.optim.adamw {{
              lr = 0.1, {lr} groups = {{ {{ name = 'plain', roles = {{ 'bias' }}, {group} }} }},
            }}"
        )
    };
    for (lr, group, want) in [
        ("", "lr = function() return -1 end", "optimizer: step: lr.plain must be a number of at least 0, got -1"),
        ("", "lr = function() return 0 / 0 end", "optimizer.lr.plain: schedule: the returned value must be finite"),
        ("eps = function() error('mine') end,", "lr = 1", "optimizer.eps: mine"),
        ("", "weight_decay = function() return -1 end", "optimizer.plain: adamw: weight_decay must be"),
    ] {
        assert_told(&made(lr, group), UPDATE, want);
    }
}
