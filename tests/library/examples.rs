//! The examples of the API's declarations: each runs in a VM of its own, and prints what it says behind `-->`.

use std::{cell::RefCell, fs, rc::Rc};

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

/// The functions, methods and classes of the type definitions, each with what stands above it.
fn declared(definitions: &str) -> impl Iterator<Item = (&str, &str)> {
    definitions.split("\n\n").filter_map(|block| {
        let name = block.lines().find_map(|line| match line.split_once(' ')? {
            ("function", call) => call.split('(').next(),
            ("local", class) if class.starts_with(char::is_uppercase) => class.split(' ').next(),
            _ => None,
        });
        Some((name?, block))
    })
}

/// Whether it is declared as a name of old.
fn is_old(block: &str) -> bool {
    block.contains("---@deprecated")
}

#[test]
fn everything_has_an_example_but_names_of_old() {
    let engine = Engine::new();
    let (definitions, reference) = (engine.definitions(), engine.reference());
    let wrong = declared(&definitions).filter(|(_, block)| block.contains("---```lua") == is_old(block));
    let wrong: Vec<&str> = wrong.map(|(name, _)| name).collect();
    assert!(wrong.is_empty(), "without an example, or of old and with one: {wrong:?}");
    let operators = reference.split("\n- `__").skip(1).filter(|text| text.lines().nth(2) != Some("  ```lua"));
    let bare: Vec<&str> = operators.filter_map(|text| text.lines().next()).collect();
    assert!(bare.is_empty(), "operators without an example: {bare:?}");
}

#[test]
fn no_example_calls_a_name_of_old() {
    let engine = Engine::new();
    let definitions = engine.definitions();
    let old = declared(&definitions).filter(|(_, block)| is_old(block)).filter_map(|(name, _)| {
        let at = name.find(['.', ':'])?;
        Some(format!("{}{}(", if name.starts_with("moonburn") { "mb" } else { "" }, &name[at..]))
    });
    let old: Vec<String> = old.collect();
    assert!(old.contains(&"mb.arange(".to_owned()) && old.contains(&":select(".to_owned()), "{old:?}");
    for (name, example) in engine.examples() {
        // Schedules have a method of that name, too.
        let is_other = |call: &str| call == ":at(" && example.contains("schedule");
        let called = old.iter().find(|call| example.contains(*call) && !is_other(call));
        assert_eq!(called, None, "{name}");
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
