//! Functions of an embedding program: their mistakes are the script's errors.

use std::{error::Error as _, fs, path::Path};

use moonburn::{Engine, Error, ScriptError, Settings};

fn run(engine: &Engine, script: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("script.lua");
    fs::write(&file, script).unwrap();
    engine.run_file(&Settings::new(&file)).map_err(|error| relative(&error.to_string(), folder.path()))
}

fn relative(text: &str, folder: &Path) -> String {
    text.replace(&format!("{}/", folder.display()), "")
}

#[test]
fn a_panic_is_an_error_at_the_line_of_the_script() {
    let mut engine = Engine::new();
    engine.function("explode()", "Panics.", || -> moonburn::Result<f64> { panic!("out of cheese") });
    let error = run(&engine, "local mb = require 'moonburn'\n\nmb.explode()").unwrap_err();
    assert!(error.starts_with("script.lua:3: explode: internal error: out of cheese"), "{error}");
}

#[test]
fn a_script_goes_on_after_a_panic_that_it_catches() {
    let mut engine = Engine::new();
    engine.function("explode()", "Panics.", || -> moonburn::Result<f64> { panic!("out of cheese") });
    let script = "local mb = require 'moonburn'
        assert(not pcall(mb.explode))
        assert((mb.ones(2) + 1):sum():item() == 4)";
    run(&engine, script).unwrap();
}

#[test]
fn a_panic_inside_no_grad_brings_gradients_back() {
    let mut engine = Engine::new();
    engine.function("explode()", "Panics.", || -> moonburn::Result<f64> { panic!("out of cheese") });
    let script = "local mb = require 'moonburn'
        assert(not pcall(mb.no_grad, mb.explode))
        local x = mb.tensor(3.0):requires_grad()
        assert(mb.grad(x * x, { x })[1]:item() == 6)";
    run(&engine, script).unwrap();
}

#[test]
fn arguments_of_a_closure_are_checked_by_its_types() {
    let mut engine = Engine::new();
    engine.function("double(x)", "Twice a number.", |x: f64| Ok(2.0 * x));
    let error = run(&engine, "require('moonburn').double('two')").unwrap_err();
    assert!(error.starts_with("script.lua:1: double: x must be a number, got the string 'two'"), "{error}");
}

#[test]
fn an_error_keeps_the_cores_and_the_systems_up_to_the_program_that_embeds_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("script.lua");
    let failed = |script: &str| {
        fs::write(&file, script).unwrap();
        Engine::new().check(&Settings::new(&file)).unwrap_err()
    };
    let core = |error: &ScriptError| {
        let source = error.source().expect("an error of the core has led to it");
        format!("{:?}", source.downcast_ref::<Error>().expect("it is the core's").root())
    };
    let start = "local mb = require 'moonburn'\nreturn { setup = function(session) ";
    let raised = failed(&format!("{start} session.x = mb.data.images('no/such') end, train = function() end }}"));
    assert!(core(&raised).starts_with("Data {"), "{raised}");
    let layer = "session.m = mb.nn.sequential { mb.nn.linear(2, 2) } session.m(mb.ones(1, 3))";
    let within = failed(&format!("{start} {layer} end, train = function() end }}"));
    assert!(core(&within).starts_with("Shape {") && within.to_string().contains(": m.0: linear: "), "{within}");
    let loading = "session.m = mb.nn.linear(2, 2) session.m:load('no/such')";
    let missing = failed(&format!("{start} {loading} end, train = function() end }}"));
    let mut next = missing.source();
    while let Some(error) = next.filter(|error| !error.is::<std::io::Error>()) {
        next = error.source();
    }
    assert!(next.is_some(), "{missing}");
    assert!(core(&failed("return { train = function() end, setup = 3 }")).starts_with("Argument {"));
    let of_lua = failed("error('oh')");
    assert!(of_lua.source().is_some_and(|source| !source.is::<Error>()), "{of_lua}");
}
