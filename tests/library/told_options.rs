//! What `run SCRIPT --help` tells of the scripts that ship.

use moonburn::{Engine, Settings, shipped::examples};

#[test]
fn every_option_of_a_script_that_ships_has_a_sentence() {
    for example in examples() {
        let inspected = Engine::new().inspect(&Settings::new(format!("scripts/{}.lua", example.name))).unwrap();
        let sentences = inspected.sentences();
        let silent: Vec<_> = inspected.options.keys().filter(|name| !sentences.contains_key(*name)).collect();
        assert!(silent.is_empty() && !inspected.options.is_empty(), "{}: {silent:?}", example.name);
    }
}
