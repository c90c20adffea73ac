//! What the lint finds, and above all what it does not.

use std::{fs, path::Path};

use super::*;
use crate::{Device, Engine, Settings, interrupt::Interrupt, lua::declare_all, session::Session};

fn lint_of(files: &[(PathBuf, Vec<u8>)]) -> Vec<Finding> {
    let mut api = Api::default();
    declare_all(&mut api);
    let context = Context::new(Session::silent(Device::cpu(), 0), Interrupt::default());
    let files = files.iter().map(|(path, bytes)| SourceFile { path: path.clone(), bytes: bytes.clone() });
    find(&api, &context, files.collect())
}

/// What is found in a script that begins with the runtime's module, without its place.
fn found(script: &str) -> Vec<String> {
    let text = format!("local mb = require \"moonburn\" {script}");
    let found = lint_of(&[("s.lua".into(), text.into_bytes())]);
    found.iter().map(|finding| finding.to_string().trim_start_matches("s.lua:1: ").to_owned()).collect()
}

fn one(script: &str) -> String {
    let found = found(script);
    assert_eq!(found.len(), 1, "{script}: {found:?}");
    found[0].clone()
}

#[test]
fn a_tensor_that_is_taken_for_a_truth_value_is_found_with_what_to_write() {
    let tensors = "local mask, other = mb.ones(2):gt(0), mb.ones(2):lt(3)";
    for (expression, want) in [
        ("mask and other", "a tensor is always true, so this is 'other'; write mask:logical_and(other)"),
        ("mask or other", "a tensor is always true, so this is 'mask'; write mask:logical_or(other)"),
        ("not mask", "a tensor is always true, so this is false; write mask:logical_not()"),
        ("mask and 1 or 0", "a tensor is always true, so this is '1'; write mb.where(mask, mb.tensor(1), 0)"),
        (
            "mask and other + 1 or 0",
            "a tensor is always true, so this is 'other + 1'; write mb.where(mask, other + 1, 0)",
        ),
        ("mask and 3", "a tensor is always true, so this is '3'; write mb.where(mask, mb.tensor(3), …)"),
    ] {
        assert_eq!(one(&format!("{tensors} print({expression})")), format!("'{expression}': {want}"));
    }
    let want =
        "'mask + 1 == 0' is false, whatever the values are: Lua makes one truth value of it; write (mask + 1):eq(0)";
    assert_eq!(one(&format!("{tensors} print(mask + 1 == 0)")), want);
    let want = "'mask ~= 1' is true, whatever the values are: Lua makes one truth value of it; write mask:ne(1)";
    assert_eq!(one(&format!("{tensors} print(mask ~= 1)")), want);
    assert!(one(&format!("{tensors} print(mask == other)")).starts_with("'mask == other' fails: "));
    let want = "'0 < mask' fails: Lua makes one truth value of it; write mask:gt(0), or compare mask:item()";
    assert_eq!(one(&format!("{tensors} print(0 < mask)")), want);
    for word in ["if mask then end", "if 1 then elseif mask then end", "while mask do end", "repeat until mask"] {
        let told = one(&format!("{tensors} {word}"));
        assert!(
            told.ends_with(
                "mask': a tensor is always true; write mask:item(), or mask:sum():item() > 0 for any of them"
            )
        );
    }
}

#[test]
fn tensors_are_known_by_the_declarations_wherever_they_come_from() {
    for expression in [
        "mb.zeros(3)",
        "require('moonburn').zeros(3)",
        "mb.nn.linear(2, 2)(mb.ones(2, 2))",
        "mb.nn.linear(2, 2):forward(mb.ones(2, 2))",
        "mb.ones(2)[1]",
        "-mb.ones(2)",
        "(2 * mb.ones(2) ^ 2)",
        "mb.loss.nt_xent(mb.ones(2, 2), {})",
        "anything:gt(0)",
        "mb.episode.of({}).images",
        "mb.data.images('shapes'):next(4):labels()",
    ] {
        assert_eq!(
            found(&format!("local anything = ... local t = {expression} print(not t)")).len(),
            1,
            "{expression}"
        );
    }
    let session = "local function setup(session) session.model = mb.nn.relu() end \
                   local function loss(session) local z = session.model(1) return not z end";
    assert_eq!(found(session).len(), 1);
    assert_eq!(found("local _, where = mb.ones(3):topk(1) print(not where)").len(), 1);
    assert_eq!(found("local sum = mb.zeros(1) for i = 1, 3 do sum = sum + i end print(not sum)").len(), 1);
    assert_eq!(found("local nn = mb.nn local z = nn.flatten()(1) if z then end").len(), 1);
}

#[test]
fn what_may_be_no_tensor_is_left_alone() {
    for script in [
        "local x = ... x = x or mb.zeros(3) if x then end",
        "local cond = ... local t, other = mb.ones(1), mb.ones(2) local y = cond and t or other if y then end",
        "local t if math.random() < 1 then t = mb.ones(2) end if t then print(t == nil) end",
        "local t = mb.ones(2) t = nil print(not t)",
        "local t = mb.ones(2) print(t == nil, t ~= nil, nil == t)",
        "local t = mb.ones(2) local function clear() t = false end clear() if t then end",
        "local function f(t) t = t or mb.zeros(2) return t and t:sum() end print(f())",
        "local s = ... print(s:sub(1, 2) == 'ab', s:rep(3) == 'x')",
        "local M = {} function M:gt() return true end local m = ... if m:gt(1) then end",
        "local m = { sum = function() return 1 end } if m:sum() == 1 then end",
        "local n = mb.ones(2):numel() if n == 2 and n > 1 then end",
        "local v = mb.ones(2):sum():item() if v then end if v == 0 or v < 1 then end",
        "local m = mb.nn.relu() if m.training then end",
        "local c = mb.episode.of({}).classes if c then end",
        "local shape = mb.ones(2).shape if shape[1] == 2 and shape then end",
        "local t = mb.ones(2) do local t = 1 if t == 1 then end end",
        "local x = {} x.zeros = mb.zeros if x.zeros == nil then end if mb.zeros then end",
        "local t = ... if t == 0 then end if not t then end local y = t and 1 or 2",
        "local a, b = mb.no_grad(function() return 1 end) if a and not b then end",
    ] {
        assert_eq!(found(script), [""; 0], "{script}");
    }
}

#[test]
fn indices_and_loops_that_find_nothing_are_found() {
    let want = "'t.shape[0]': shape[0] is nil, a list counts from 1; the first dim is shape[1]";
    assert_eq!(one("local t = mb.ones(2) print(t.shape[0])"), want);
    let want = "'t.shape[-1]': shape[-1] is nil, a list counts from 1; the last dim is shape[#shape]";
    assert_eq!(one("local t = mb.ones(2) print(t.shape[-1])"), want);
    let loop_ = "local m = mb.nn.relu() for _, p in ipairs(m:parameters()) do end";
    assert!(one(loop_).contains("goes through nothing: parameters are by name"));
    assert_eq!(found("local m = mb.nn.relu() for _, p in pairs(m:parameters()) do end"), [""; 0]);
}

#[test]
fn a_global_that_nothing_sets_is_found_with_the_local_that_was_meant() {
    let want = "unknown global 'temprature' is nil; did you mean 'temperature'?";
    assert_eq!(one("local temperature = 1 print(temprature)"), want);
    assert_eq!(one("print(sqrt(2))"), "unknown global 'sqrt' is nil; write math.sqrt");
    for script in [
        "local unpack = unpack or table.unpack print(unpack)",
        "if jit then end print(_VERSION, arg, bit, _G.anything, rawget(_G, 'x'))",
        "function helper() end helper() counter = 1 print(counter, _G)",
        "_G.shared = 1 print(shared)",
        "rawset(_G, 'shared', 1) print(shared)",
        "setmetatable(_G, {}) print(whatever)",
        "for name, f in pairs(math) do _G[name] = f end print(sqrt)",
        "local _ENV = { print = print } print(x)",
        "goto done do local x <const> = 1 print(x) end ::done:: print(7 // 2, 1 << 2, ~1)",
    ] {
        assert_eq!(found(script), [""; 0], "{script}");
    }
    let [main, other] = ["print(shared)", "shared = 1"].map(|text| text.as_bytes().to_vec());
    assert!(lint_of(&[("main.lua".into(), main.clone()), ("other.lua".into(), other)]).is_empty());
    assert_eq!(lint_of(&[("main.lua".into(), main)]).len(), 1);
}

#[test]
fn no_source_overflows_the_stack_or_takes_for_ever() {
    let long = |part: &str, count: usize| format!("local x = 1 return x{}", part.repeat(count));
    for (source, what) in [
        (long(" + x", 200_000), "a chain of sums"),
        // Lua itself takes the square of its length for this one.
        (long(" and x", 15_000), "a chain of ands"),
        (long(" .. x", 150), "a chain of concatenations"),
        (format!("local x = 1 return {}x{}", "(".repeat(180), ")".repeat(180)), "parentheses"),
        (format!("local x = mb.ones(2) return x{}", ":abs()".repeat(100_000)), "a chain of methods"),
        (format!("local x = 1 {}", "x = x + x ".repeat(50_000)), "a variable of many assignments"),
        (
            (0..3000).fold("local a0 = 1".into(), |text, i| format!("{text} A{} = A{i} + A{i}", i + 1)),
            "a chain of globals",
        ),
    ] {
        let begun = std::time::Instant::now();
        let found = found(&source);
        assert!(found.iter().all(|told| told.contains("unknown global")), "{what}: {:?}", found.first());
        assert!(begun.elapsed().as_secs() < 20, "{what}");
    }
    let longer = lint_of(&[("s.lua".into(), long(" + x", 300_000).into_bytes())]);
    assert_eq!(longer[0].to_string(), "s.lua: not linted: it is longer than 1 MiB");
}

#[test]
fn text_of_any_bytes_is_linted_and_what_lua_refuses_is_left_to_lua() {
    let bytes = b"\xef\xbb\xbf#!/usr/bin/env moonburn\nlocal s = '\xff\xfe\x80' -- \xf0\nprint(nothing)".to_vec();
    let found =
        lint_of(&[("s.lua".into(), bytes.clone()), ("k.wgsl".into(), bytes), ("t.lua".into(), b"x = = 1".to_vec())]);
    let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
    // A mark and a first line for the shell are Lua's file loader's to skip; where Lua refuses them it says so itself.
    assert!(texts.is_empty() || texts == ["s.lua:3: unknown global 'nothing' is nil"], "{texts:?}");
}

/// Every file of Lua below a folder.
fn below(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => below(&path, found),
            false if path.extension().is_some_and(|end| end == "lua") => {
                let bytes = fs::read(&path).unwrap();
                found.push((path, bytes));
            }
            false => {}
        }
    }
}

#[test]
fn the_scripts_that_come_with_it_are_free_of_findings() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["scripts", "examples"].map(|name| root.join(name)).into_iter().filter(|folder| folder.is_dir()) {
        let mut files = Vec::new();
        below(&folder, &mut files);
        files.retain(|(path, _)| !path.ends_with("types/moonburn.d.lua"));
        let found = lint_of(&files);
        assert!(found.is_empty(), "{}", found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    }
}

#[test]
fn a_check_gives_what_was_found_and_is_no_worse_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let script = "local mb = require 'moonburn'\nlocal e = {}\nfunction e.train() print(not mb.ones(2)) end\nreturn e";
    let settings = Settings::new(folder.path().join("script.lua"));
    fs::write(&settings.script, script).unwrap();
    let checked = Engine::new().check_files(&settings);
    assert!(checked.outcome.is_ok());
    let [finding] = checked.findings.as_slice() else { panic!("one finding") };
    assert!(
        finding.to_string().ends_with(
            "script.lua:3: 'not mb.ones(2)': a tensor is always true, so this is false; write \
                                           mb.ones(2):logical_not()"
        ),
        "{finding}"
    );
}
