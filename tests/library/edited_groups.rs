//! An edit amid a training with two optimizers, groups, dropout and an average of weights: from its step on the run is, bit
//! for bit, the one that a fork at this step by the edited script is.

use std::{fs, thread, time::Duration};

use moonburn::{Engine, Fork, Replay, Settings, interrupt::Interrupt, run::Place};

use super::runs::{Runs, engine};

/// The last step before the edit.
const EDITED: u64 = 21;

/// What the edit replaces, and by what: rates, decay and members of groups, a group that goes, one that comes, the bodies of
/// functions that a rate and a rule go by, what is dropped, how fast the average follows.
const CHANGES: [(&str, &str); 6] = [
    ("roles = { \"bias\", \"norm\" }, lr = mb.schedule.linear(0.03, 0)", "roles = { \"bias\" }, lr = 0.01"),
    (
        "name = \"bias\", parameters = { \"head.bias\" }, weight_decay = 0",
        "name = \"own\", parameters = { \"head.weight\" }, lr = 0.02",
    ),
    ("return 0.05 * (1 - step / (total + 1))", "return 0.04 * (1 - step / (total + 1))"),
    ("return velocity / (1 + s.count / 40)", "return velocity / (1 + s.count / 20)"),
    ("mb.nn.dropout(0.2)", "mb.nn.dropout(0.4)"),
    ("session.encoder, 0.9,", "session.encoder, 0.5,"),
];

#[test]
fn groups_dropout_and_an_average_that_change_in_an_edit_go_on_as_in_a_fork_by_the_edited_script() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/training/optimizers.lua"));
    let text = text.expect("text").replace("if step == o.stop then mb.stop() end", "mb.at(step)");
    let edited = CHANGES.iter().fold(text.clone(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    let runs = Runs::new();
    for rule in ["sgd", "adam", "rmsprop", "adagrad", "lars", "lamb", "lion", "sam", "lookahead", "of"] {
        let (script, by) = (runs.path(&format!("{rule}.lua")), runs.path(&format!("{rule}-edited.lua")));
        fs::write(&script, &text).expect("it can be written");
        fs::write(&by, &edited).expect("it can be written");
        let set = [("rule", rule), ("runaway", "0")].map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let settings = |name: String| Settings {
            set: set.clone(),
            place: Some(Place::Exactly(runs.path(&name))),
            ..Settings::new(&script)
        };

        let (mut watching, saved) = (Engine::new(), (script.clone(), edited.clone()));
        watching.function("at(step)", "Saves the edit in its step.", move |step: usize| {
            if step as u64 == EDITED && fs::read_to_string(&saved.0).expect("text") != saved.1 {
                fs::write(&saved.0, &saved.1).expect("it can be written");
                // So that the watcher has noticed before the step ends.
                thread::sleep(Duration::from_millis(400));
            }
            Ok(())
        });
        let live = Settings { watch: true, ..settings(format!("{rule}-live")) };
        assert_eq!(watching.run(&live).expect("it trains").updates, 40, "{rule}");

        fs::write(&script, &text).expect("it can be written");
        let (mut stopping, interrupt) = (Engine::new(), Interrupt::default());
        let request = interrupt.clone();
        stopping.function("at(step)", "Stops the run before the edit.", move |step: usize| {
            if step as u64 == EDITED {
                request.request();
            }
            Ok(())
        });
        let begun = Settings { interrupt, ..settings(format!("{rule}-begun")) };
        assert!(stopping.run(&begun).expect("it trains").interrupted, "{rule}");

        let (mut forking, _) = engine();
        forking.function("at(step)", "Nothing.", |_: usize| Ok(()));
        let place = Some(Place::Exactly(runs.path(&format!("{rule}-fork"))));
        let fork = Fork {
            run: runs.path(&format!("{rule}-begun")),
            script: Some(by),
            step: Some(EDITED),
            set: set.clone(),
            settings: Settings { place, ..Settings::new("") },
        };
        forking.fork(&fork).expect("it trains");

        let live = runs.logged(&format!("{rule}-live"));
        assert_eq!(live[..EDITED as usize], runs.logged(&format!("{rule}-begun")), "{rule}");
        assert_eq!(live[EDITED as usize..], runs.logged(&format!("{rule}-fork")), "{rule}");
        assert!(runs.weights(&format!("{rule}-live")) == runs.weights(&format!("{rule}-fork")), "{rule}");
        assert!(live[EDITED as usize].get("lr_head_optimizer.own").is_some(), "{rule}: {}", live[EDITED as usize]);

        let place = Some(Place::Exactly(runs.path(&format!("{rule}-again"))));
        let replay =
            Replay { run: runs.path(&format!("{rule}-live")), settings: Settings { place, ..Settings::new("") } };
        assert_eq!(forking.replay(&replay).expect("it is repeated").difference, None, "{rule}");
    }
}
