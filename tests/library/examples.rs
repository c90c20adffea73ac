//! The examples of the API's declarations: each runs in a VM of its own, and prints what it says behind `-->`.

use std::{cell::RefCell, collections::BTreeSet, fs, rc::Rc};

use moonburn::{Engine, Settings, run::ProgressKind};

/// What stands before an example's first line: `mb`, and a `print` that is overheard.
const BEFORE: &str = "local mb = require 'moonburn' local function print(...) local shown = table.pack(...) \
    for i = 1, shown.n do shown[i] = tostring(shown[i]) end mb.example.print(table.concat(shown, ' ')) end ";

/// The lines that an example says it prints, blanks at their ends and several of them aside.
fn promised(example: &str) -> Vec<String> {
    example.lines().filter_map(|line| line.split_once("-->")).map(|(_, text)| squeezed(text)).collect()
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The lines that a chunk prints; where it names `session`, that is one, and `options` has a learning rate.
fn printed(example: &str) -> Result<Vec<String>, String> {
    let lines = Rc::new(RefCell::new(Vec::new()));
    let (mut engine, heard) = (Engine::new(), lines.clone());
    engine.function("example.print(text)", "Notes what was printed.", move |text: String| {
        heard.borrow_mut().extend(text.lines().map(squeezed));
        Ok(())
    });
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { progress: ProgressKind::Silent, ..Settings::new(folder.path().join("example.lua")) };
    // What an example writes belongs to it.
    let example = &example.replace("\"out/", &format!("\"{}/", folder.path().display()));
    let ran = if example.contains("session") {
        let script = format!(
            "{BEFORE} return {{ options = {{ lr = 0.1 }}, train = function(session, options) {example}\nend }}"
        );
        fs::write(&settings.script, script).unwrap();
        engine.run(&settings).map(drop)
    } else {
        fs::write(&settings.script, format!("{BEFORE} {example}")).unwrap();
        engine.run_file(&settings)
    };
    ran.map_err(|error| error.to_string())?;
    Ok(lines.take())
}

/// What is wrong with an example.
fn wrong(example: &str) -> Option<String> {
    match printed(example) {
        Err(error) => Some(error),
        Ok(lines) if lines != promised(example) => {
            Some(format!("prints {lines:#?}, and says that it prints {:#?}", promised(example)))
        }
        Ok(_) => None,
    }
}

#[test]
fn every_example_runs_and_prints_what_it_says() {
    let engine = Engine::new();
    let examples = engine.examples();
    let wrong: Vec<_> =
        examples.iter().filter_map(|(name, example)| Some(format!("{name}: {}", wrong(example)?))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(examples.len() >= 10, "{}", examples.len());
}

#[test]
fn an_example_that_fails_or_prints_something_else_is_found() {
    assert_eq!(wrong("print(1 + 1) --> 2"), None);
    assert!(wrong("print(1 + 1) --> 3").unwrap().contains("says that it prints"));
    assert!(wrong("print(1 + 1)").is_some() && wrong("local x = 2 --> 2").is_some());
    let failure = wrong("mb.zeros(2, 3):reshape(5)").unwrap();
    assert!(failure.contains("example.lua:1: reshape: [2, 3] and [5] do not fit"), "{failure}");
    assert!(wrong("session.model = 3").unwrap().contains("session: model must be"));
}

#[test]
fn every_part_of_the_api_has_an_example() {
    let engine = Engine::new();
    let of = |(name, _): &(String, &str)| {
        let end = name.rfind(['.', ':']).unwrap_or(name.len());
        name[..end].to_owned()
    };
    let parts: BTreeSet<String> = engine.examples().iter().map(of).collect();
    let wanted = ["mb", "Tensor", "Module", "mb.nn", "mb.model", "mb.augment", "mb.optim", "mb.schedule", "mb.episode"];
    for part in wanted.into_iter().chain(["mb.loss", "mb.linalg", "mb.evaluate", "Session", "ImageSet"]) {
        assert!(parts.contains(part), "{part} has no example");
    }
}

#[test]
fn examples_stand_in_the_reference_and_in_the_type_definitions() {
    let engine = Engine::new();
    let (definitions, reference) = (engine.definitions(), engine.reference());
    for (name, example) in engine.examples() {
        let first = example.lines().next().unwrap();
        // Editors have no place for those of operators.
        let is_shown = name.contains(":__") || definitions.contains(&format!("---```lua\n---{first}\n"));
        assert!(is_shown, "{name}");
        assert!(reference.lines().any(|line| line.trim_start() == first), "{name}");
    }
}
