//! Steps of optimizers as a script makes them, against PyTorch's: what wraps another one, what is written in Lua, and
//! what has schedules.

use super::runs::Runs;

#[test]
fn what_wraps_an_optimizer_or_is_a_scripts_own_makes_pytorchs_steps() {
    let runs = Runs::new();
    for rule in ["sam", "sam_adam", "asam", "lookahead", "lookahead_adam", "scheduled"] {
        let outcome = runs.run_with("wrapped_optimizers.lua", rule, 0, &[("rule", rule)]);
        assert_eq!(outcome.updates, 10, "{rule}");
        if rule == "scheduled" {
            assert_eq!(outcome.metrics.series("weight_decay").len(), 10);
        }
    }
    for rule in ["lookahead", "scheduled"] {
        runs.run_with("wrapped_optimizers.lua", &format!("{rule} by step"), 0, &[("rule", rule), ("by", "step")]);
    }
}

#[test]
fn two_networks_against_each_other_move_by_their_own_optimizers_alone() {
    let runs = Runs::new();
    let whole = runs.run("against.lua", "whole", 0);
    assert_eq!(whole.updates, 2 * 23);
    for logged in ["loss", "lr", "loss_of_maker", "lr_of_maker"] {
        assert_eq!(whole.metrics.series(logged).len(), 23, "{logged}");
    }
    assert!(runs.run("against.lua", "9", 9).interrupted);
    runs.resume("9").expect("it goes on");
    runs.assert_same("whole", "9");
}
