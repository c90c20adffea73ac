use super::*;

fn files(files: &[(&str, &str)]) -> Vec<SourceFile> {
    files.iter().map(|(path, text)| SourceFile { path: path.into(), bytes: text.as_bytes().to_vec() }).collect()
}

/// The file and the line of a path of keys in a script with other files.
fn place_with(others: &[(&str, &str)], script: &str, keys: &str) -> Option<(String, usize)> {
    let all = files(&[&[("main.lua", script)], others].concat());
    let keys: Vec<String> = keys.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect();
    find(&all, Path::new("main.lua"), &keys).map(|found| (found.path.display().to_string(), found.line))
}

fn line(script: &str, keys: &str) -> Option<usize> {
    place_with(&[], script, keys).map(|(_, line)| line)
}

#[test]
fn a_key_is_found_in_the_returned_table_however_it_is_written() {
    assert_eq!(line("return {\n options = {\n  lr = 1,\n  [\"temperature\"] = 2 } }", "options.temperature"), Some(4));
    assert_eq!(line("local o = { lr = 1,\n temperature = 2 }\nreturn { options = o }", "options.temperature"), Some(2));
    assert_eq!(line("local e = {}\ne.options = {\n t = 2 }\nreturn e", "options.t"), Some(3));
    assert_eq!(line("local M = { options = {} }\nM.options.t = 2\nreturn M", "options.t"), Some(2));
    assert_eq!(line("local M = { options = { t = 1 } }\n\nM['options']['t'] = 2\nreturn M", "options.t"), Some(3));
    assert_eq!(line("local M = {}\nfunction M.loss()\nend\nreturn M", "loss"), Some(2));
    assert_eq!(line("options = {\n t = 2 }\nreturn { options = options }", "options.t"), Some(2));
    assert_eq!(line("local M = { options = { t = 1,\n t = 2 } }\nreturn setmetatable(M, {})", "options.t"), Some(2));
    assert_eq!(line("local M = {}\ndo\n M.options = { t = 1 }\nend\nreturn (M)", "options.t"), Some(3));
    assert_eq!(line("local x = 1\n\nreturn { a = 1 }", ""), Some(3));
}

#[test]
fn comments_strings_and_other_tables_with_the_key_are_no_place() {
    let script = "-- temperature = 1\nlocal s = [[\ntemperature = 2\n]]\nlocal other = { temperature = 3 }\n\
                  local function f() local options = { temperature = 4 } return options end\n\
                  --[==[ options = { temperature = 5 } ]==]\nreturn { checkpoint = { temperature = 6 },\n\
                  options = {\n name = 'temperature = 7',\n\ttemperature = 8 } }";
    assert_eq!(line(script, "options.temperature"), Some(11));
    assert_eq!(line(script, "checkpoint.temperature"), Some(8));
}

#[test]
fn a_mark_an_interpreters_line_and_windows_ends_of_lines_change_no_line() {
    assert_eq!(line("\u{feff}#!/bin/x\r\nreturn {\r\n\toptions = {\r\n\t\tt = 1 } }", "options.t"), Some(4));
    assert_eq!(line("return {\r options = { t = 1 } }", "options.t"), None);
}

#[test]
fn a_table_of_another_file_is_found_there() {
    let options = [("lib/opts.lua", "local o = {\n lr = 1 }\nreturn o")];
    let found = |script, keys| place_with(&options, script, keys);
    assert_eq!(found("return { options = require('lib.opts') }", "options.lr"), Some(("lib/opts.lua".into(), 2)));
    let script = "local o = require 'lib.opts'\no.lr = 2\nreturn { options = o }";
    assert_eq!(found(script, "options.lr"), Some(("main.lua".into(), 2)));
    assert_eq!(found("return { options = require('other') }", "options.lr"), None);
    assert_eq!(found("return require('lib.opts')", "lr"), Some(("lib/opts.lua".into(), 2)));
    let twins = [("a/opts.lua", "return { lr = 1 }"), ("b/opts.lua", "return { lr = 1 }")];
    assert_eq!(place_with(&twins, "return { options = require('opts') }", "options.lr"), None);
}

#[test]
fn what_is_not_certain_has_no_line() {
    for script in [
        "local M = { options = { t = 1 } }\nif os then M.options.t = 2 end\nreturn M",
        "local M = {}\nif os then return { options = { t = 1 } } end\nreturn { options = { t = 2 } }",
        "local o = { t = 1 }\nif os then o = { t = 2 } end\nreturn { options = o }",
        "local function make() return { t = 1 } end\nreturn { options = make() }",
        "local M = {}\nfor _, k in ipairs({ 't' }) do M[k] = 1 end\nreturn { options = M }",
        "local M = { options = {} }\nlocal function fill() M.options.t = 1 end\nfill()\nreturn M",
        "local M = { options = {} }\ngoto on\nM.options.t = 1\n::on::\nreturn M",
        "local a = {}\na.a = a.a\nreturn a.a.a",
        "not Lua",
    ] {
        assert_eq!(line(script, "options.t"), None, "{script}");
    }
}

#[test]
fn what_is_written_is_told_so_that_it_can_be_compared() {
    let value = |text: &str| {
        let all = files(&[("main.lua", &format!("return {{ a = {text} }}"))]);
        find(&all, Path::new("main.lua"), &["a".to_owned()]).map(|found| found.value)
    };
    assert_eq!(value("0x10"), Some(Value::Literal("0x10".into())));
    assert_eq!(value("-1.5"), Some(Value::Literal("-1.5".into())));
    assert_eq!(value("'x\\n'"), Some(Value::Literal("'x\\n'".into())));
    assert_eq!(value("true"), Some(Value::Literal("true".into())));
    assert_eq!(value("{}"), Some(Value::Table));
    assert_eq!(value("function() end"), Some(Value::Function(1)));
    assert_eq!(value("1 + 1"), Some(Value::Computed));
    let open = files(&[("main.lua", "local o = { a = 1 }\no[x] = 2\nreturn o")]);
    assert!(find(&open, Path::new("main.lua"), &["a".to_owned()]).is_some_and(|found| found.is_open));
}
