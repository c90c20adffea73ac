//! What a script may return and what the session keeps from it, taken from the declarations as the type definitions
//! show them.

use std::fs;

use moonburn::{Engine, Settings, run::ProgressKind};

/// The fields of a class with their types, and its methods, as declared.
fn declared(class: &str) -> (Vec<(String, String)>, Vec<String>) {
    let definitions = Engine::new().definitions();
    let name = format!("moonburn.{class}");
    let heading = |line: &&str| line.starts_with("---@class") && line.split([' ', ':']).any(|word| word == name);
    let block = definitions.lines().skip_while(|line| !heading(line)).skip(1).take_while(|line| !line.is_empty());
    let fields = block.filter_map(|line| line.strip_prefix("---@field ")?.split_once(' '));
    let fields = fields.map(|(name, rest)| {
        let kind = rest.split_once(' ').map_or(rest, |(kind, _)| kind);
        (name.trim_end_matches('?').to_owned(), kind.to_owned())
    });
    let start = format!("function {class}:");
    let methods = definitions.lines().filter_map(|line| line.strip_prefix(&start)?.split_once('('));
    (fields.collect(), methods.map(|(name, _)| name.to_owned()).collect())
}

/// The message of what a script ends with.
fn run(script: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { progress: ProgressKind::Silent, ..Settings::new(folder.path().join("script.lua")) };
    fs::write(&settings.script, script).unwrap();
    Engine::new().run(&settings).map(drop).map_err(|error| error.message().to_owned())
}

#[test]
fn a_script_cannot_take_the_name_of_any_method_or_field_of_the_session() {
    let (fields, methods) = declared("Session");
    let fields: Vec<_> = fields.into_iter().map(|(name, _)| name).filter(|name| !name.starts_with('[')).collect();
    let kept = |name: &str| fields.iter().chain(&methods).any(|known| known == name);
    assert!(["step", "state", "fork", "has", "update", "skipped"].into_iter().all(kept), "{fields:?} {methods:?}");
    for name in fields.iter().chain(&methods) {
        let script = format!(
            "local mb = require 'moonburn'
             return {{ train = function(session) session.{name} = mb.ones(1) end }}"
        );
        let message = run(&script).unwrap_err();
        assert!(message.ends_with(&format!("session.{name} belongs to the runtime; choose another name")), "{message}");
    }
    run("local mb = require 'moonburn'
        return { train = function(session) session.done = mb.ones(1) assert(session.done:item() == 1) end }")
    .unwrap();
}

#[test]
fn the_fields_of_the_session_are_of_their_declared_types() {
    for (name, kind) in declared("Session").0.iter().filter(|(name, _)| !name.starts_with('[')) {
        let check = match kind.as_str() {
            "integer" => format!("math.type(session.{name}) == 'integer'"),
            kind => format!("type(session.{name}) == '{kind}'"),
        };
        run(&format!("return {{ train = function(session) assert({check}, '{name}: {kind}') end }}")).unwrap();
    }
}

#[test]
fn a_name_that_no_component_has_is_answered_with_the_nearest_of_all_that_there_are() {
    let message = |body: &str| {
        run(&format!("local mb = require 'moonburn' return {{ train = function(session) {body} end }}")).unwrap_err()
    };
    let component = message("session.encoder = mb.nn.relu() return session.encodr");
    assert!(component.ends_with("session: unknown component 'encodr'; did you mean 'encoder'?"), "{component}");
    let field = message("return session.stat");
    assert!(field.ends_with("session: unknown component 'stat'; did you mean 'state'?"), "{field}");
    let method = message("session:updat(1)");
    assert!(method.ends_with("session: unknown component 'updat'; did you mean 'update'?"), "{method}");
}

#[test]
fn each_thing_that_a_script_may_return_is_checked_and_told() {
    let (mut entry_points, _) = declared("Script");
    entry_points.retain(|(name, _)| !name.starts_with('['));
    let names: Vec<_> = entry_points.iter().map(|(name, _)| name.as_str()).collect();
    let all = ["options", "setup", "episode", "loss", "train", "evaluate", "checkpoint", "recover", "device"];
    assert_eq!(names, all);
    let reference = Engine::new().reference();
    let (_, section) = reference.split_once("## A script").unwrap();
    let (section, _) = section.split_once("## Functions").unwrap();
    for (name, kind) in &entry_points {
        assert!(section.contains(&format!("- `{name}`: `{kind}")), "{name}");
        let want = match kind {
            kind if kind.starts_with("fun(") => "a function",
            kind if kind == "string" => "a device's name",
            _ => "a table",
        };
        let message = run(&format!("return {{ train = function() end, {name} = true }}")).unwrap_err();
        assert!(message.ends_with(&format!("experiment: {name} must be {want}, got true")), "{message}");
    }
    let unknown = run("return { train = function() end, evalute = function() end }").unwrap_err();
    assert!(unknown.ends_with("experiment: unknown entry point 'evalute'; did you mean 'evaluate'?"), "{unknown}");
    for (given, lacks) in [("loss", "episode"), ("episode", "loss")] {
        let message = run(&format!("return {{ {given} = function() end }}")).unwrap_err();
        assert!(message.contains(&format!("the script returns no '{lacks}' function")), "{message}");
    }
}

#[test]
fn functions_of_a_script_are_called_with_what_is_declared() {
    run("local mb = require 'moonburn'
        local function is_session(session) return mb.is_tensor(session) == false and session.step ~= nil end
        return {
            options = { steps = 2, lr = 0.5 },
            setup = function(session, options, more)
                assert(is_session(session) and options.lr == 0.5 and more == nil)
                session.model = mb.nn.linear(2, 1)
                session.optimizer = mb.optim.sgd { lr = options.lr }
            end,
            episode = function(session, options, more)
                assert(is_session(session) and options.lr == 0.5 and more == nil)
                return { 'an episode' }
            end,
            loss = function(session, episode, options, more)
                assert(is_session(session) and episode[1] == 'an episode' and options.lr == 0.5 and more == nil)
                return session.model(mb.ones(3, 2)):mean()
            end,
            evaluate = function(session, options, more)
                assert(is_session(session) and options.lr == 0.5 and more == nil)
                return { step = session.step }
            end,
        }")
    .unwrap();
}

#[test]
fn a_table_that_a_function_returns_has_what_its_type_says() {
    let definitions = Engine::new().definitions();
    for (name, value) in [("memory", "mb.memory()"), ("device", "mb.device()"), ("devices", "mb.devices()[1]")] {
        let lines: Vec<_> = definitions.lines().collect();
        let at = lines.iter().position(|line| line.starts_with(&format!("function moonburn.{name}("))).unwrap();
        let kind = lines[at - 1].strip_prefix("---@return { ").unwrap();
        let (fields, _) = kind.split_once(" }").unwrap();
        let fields: Vec<_> = fields.split(", ").map(|field| field.split_once(": ").unwrap().0).collect();
        let known: Vec<_> = fields.iter().map(|field| format!("{} = true", field.trim_end_matches('?'))).collect();
        let needed: Vec<_> = fields.iter().filter(|field| !field.ends_with('?')).map(|it| format!("'{it}'")).collect();
        run(&format!(
            "local mb = require 'moonburn'
            return {{ train = function()
                local value, known = {value}, {{ {} }}
                for name in pairs(value or {{}}) do assert(known[name], name .. ' is not declared') end
                for _, name in ipairs {{ {} }} do assert(not value or value[name] ~= nil, name .. ' is not there') end
            end }}",
            known.join(", "),
            needed.join(", ")
        ))
        .unwrap();
    }
}
