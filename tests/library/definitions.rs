//! The Lua type definitions that are checked in.

use std::fs;

use moonburn::{Engine, Settings};

const FILE: &str = "scripts/types/moonburn.d.lua";

#[test]
fn the_type_definitions_are_those_of_the_declarations() {
    let written = fs::read_to_string(FILE).unwrap_or_default();
    let current = Engine::new().definitions();
    let line = written.lines().zip(current.lines()).position(|(old, new)| old != new);
    let line = line.unwrap_or(written.lines().count().min(current.lines().count())) + 1;
    assert!(
        written == current,
        "{FILE}:{line} is not what the declarations give; run `cargo run --release -- types {FILE}`"
    );
}

#[test]
fn the_type_definitions_are_valid_lua() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("moonburn.lua");
    fs::write(&file, Engine::new().definitions()).unwrap();
    Engine::new().run_file(&Settings::new(file)).unwrap();
}

#[test]
fn no_default_reads_as_rust() {
    let (definitions, reference) = (Engine::new().definitions(), Engine::new().reference());
    let defaults = definitions.lines().filter_map(|line| line.split_once("Default: "));
    let defaults: Vec<_> = defaults.map(|(_, default)| default).collect();
    assert!(defaults.len() > 10, "there are defaults");
    let rust = defaults.iter().find(|default| ["::", "[", "(", "None"].iter().any(|mark| default.contains(mark)));
    assert_eq!(rust, None);
    assert!(!reference.contains("`None`"));
}
