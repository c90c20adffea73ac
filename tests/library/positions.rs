//! That `runtime/position.rs` is the one place that converts between positions from 0 and from 1. What can be seen in
//! the syntax is `… + 1` and `… - 1`: nowhere in the bindings, and in no message of the core, but for what is listed
//! here, which counts something else. A conversion that hides behind a name of its own is not seen.

use std::{collections::BTreeMap, fs, path::Path};

use syn::{
    Token,
    punctuated::Punctuated,
    visit::{self, Visit},
};

/// Files with at most so many of them, and what these are.
const OTHERS: [(&str, usize, &str); 11] = [
    ("lua/literal.rs", 1, "how deep a list is nested"),
    ("lua/overrides.rs", 2, "how deep a table is nested"),
    ("lua/plain.rs", 1, "how deep a table is nested"),
    ("data/folder/walk.rs", 1, "a count with the one that is named"),
    ("device/selection.rs", 1, "devices are numbered from 0, and the last is told"),
    ("parity/report.rs", 1, "a count without the one that is described"),
    ("training/course/resume.rs", 1, "the step after the last one"),
    ("training/course/verify.rs", 2, "the step after the last one"),
    ("training/supervision/edits.rs", 2, "the step after the last one"),
    ("training/supervision/obeying.rs", 2, "the step after the last one"),
    ("training/supervision/taking_back.rs", 2, "the step after the last one"),
];

/// Where Lua's own library is written in Rust, sources are looked at, and numbers are given: they know of no tensor.
const OF_LUA_ITSELF: [&str; 3] = ["lua/standard/", "lua/lint/", "lua/order/"];

/// What a file adds 1 to, or takes 1 from.
#[derive(Default)]
struct Steps {
    /// All of them, in the bindings; only those in messages elsewhere.
    are_all_counted: bool,
    /// How deep it is in what makes a message.
    messages: usize,
    count: usize,
}

impl Steps {
    fn in_message(&mut self, visit: impl FnOnce(&mut Self)) {
        self.messages += 1;
        visit(self);
        self.messages -= 1;
    }
}

fn is_error(path: &syn::Path) -> bool {
    path.segments.len() > 1 && path.segments.iter().any(|part| part.ident == "Error")
}

impl<'ast> Visit<'ast> for Steps {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.ident != "tests" {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        let steps = matches!(binary.op, syn::BinOp::Add(_) | syn::BinOp::Sub(_));
        let one = |expression: &syn::Expr| match expression {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(number), .. }) => number.base10_digits() == "1",
            _ => false,
        };
        if steps && (one(&binary.right) || one(&binary.left)) && (self.are_all_counted || self.messages > 0) {
            self.count += 1;
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_struct(&mut self, made: &'ast syn::ExprStruct) {
        match is_error(&made.path) {
            true => self.in_message(|steps| visit::visit_expr_struct(steps, made)),
            false => visit::visit_expr_struct(self, made),
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        match &*call.func {
            syn::Expr::Path(path) if is_error(&path.path) => {
                self.in_message(|steps| visit::visit_expr_call(steps, call));
            }
            _ => visit::visit_expr_call(self, call),
        }
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let Ok(arguments) = call.parse_body_with(Punctuated::<syn::Expr, Token![,]>::parse_terminated) else { return };
        let name = call.path.segments.last().map(|part| part.ident.to_string()).unwrap_or_default();
        let visit = |steps: &mut Self| arguments.iter().for_each(|argument| steps.visit_expr(argument));
        match ["format", "write", "writeln", "println"].contains(&name.as_str()) {
            true => self.in_message(visit),
            false => visit(self),
        }
    }
}

/// How many there are in a text.
fn steps(text: &str, are_all_counted: bool) -> usize {
    let mut steps = Steps { are_all_counted, ..Steps::default() };
    let file = syn::parse_file(text).unwrap();
    steps.visit_file(&file);
    steps.count
}

fn count(folder: &Path, root: &Path, found: &mut BTreeMap<String, usize>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        if path.is_dir() {
            count(&path, root, found);
        } else if name.ends_with(".rs") && !name.ends_with("position.rs") && !name.ends_with("tests.rs") {
            let is_binding = name.starts_with("lua/") && !OF_LUA_ITSELF.iter().any(|own| name.starts_with(own));
            let steps = steps(&fs::read_to_string(&path).unwrap(), is_binding);
            if steps > 0 {
                found.insert(name, steps);
            }
        }
    }
}

#[test]
fn one_place_alone_converts_positions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("runtime");
    let mut found = BTreeMap::new();
    count(&root, &root, &mut found);
    let most = |file: &str| OTHERS.iter().find(|(known, ..)| *known == file).map_or(0, |(_, most, _)| *most);
    let more: BTreeMap<_, _> = found.iter().filter(|(file, count)| **count > most(file)).collect();
    assert!(more.is_empty(), "`… + 1` and `… - 1` by file, more of them than are listed: {more:?}");
    for (file, _, reason) in OTHERS {
        assert!(found.contains_key(file) && !reason.is_empty(), "{file} is listed for nothing");
    }
}

#[test]
fn a_conversion_is_seen_in_a_binding_and_in_a_message() {
    assert_eq!(steps("fn f(task: usize) { g(task - 1); }", true), 1);
    assert_eq!(steps("fn f(task: usize) { g(task - 1); }", false), 0);
    assert_eq!(steps("fn f() { vec![1 + first]; }", true), 1);
    for message in ["format!(\"task {}\", task + 1)", "Error::argument(\"op\", \"task\", \"\", task + 1)"] {
        assert_eq!(steps(&format!("fn f() {{ {message} }}"), false), 1, "{message}");
    }
    assert_eq!(steps("fn f() { Err(Error::OutOfRange { op, what, got: task as i64 + 1, range }) }", false), 1);
    assert_eq!(steps("mod tests { fn f() { g(task - 1); } }", true), 0);
    assert_eq!(steps("fn f() { g(task + 2, \"task + 1\"); }", true), 0);
}
