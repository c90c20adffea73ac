//! The reference page (Markdown), from the declarations.

use std::fmt::Write;

use super::{Api, Entry, EntryPoint, described::Described, docs::OptionsDoc};

/// A page with every function, class and options table.
pub fn reference(api: &Api) -> String {
    let mut out = String::from("# Moonburn's Lua API\n\n`local mb = require \"moonburn\"`\n\n");
    write_script(&mut out, api);
    out.push_str("## Functions\n\n");
    for entry in &api.functions {
        write_entry(&mut out, "mb.", entry);
    }
    for class in &api.classes {
        write_class(&mut out, class);
    }
    out.push_str("## Options\n\n");
    for options in api.docs.options.values() {
        write_options(&mut out, options);
    }
    out
}

pub(super) fn write_class(out: &mut String, class: &Described) {
    let _ = writeln!(out, "## {}\n\n{}", class.name, class.doc);
    match class.example.as_deref() {
        None => out.push('\n'),
        example => write_example(out, "", example),
    }
    for (name, kind, doc) in class.documented_fields() {
        let _ = writeln!(out, "- `.{name}`: `{kind}`. {doc}");
    }
    for (metamethod, entry) in &class.operators {
        let _ = writeln!(out, "- `{metamethod}`: {}", entry.doc);
        write_example(out, "  ", entry.example.as_deref());
    }
    for entry in &class.entries {
        write_entry(out, ":", entry);
    }
    out.push('\n');
}

pub(super) fn write_options(out: &mut String, options: &OptionsDoc) {
    let _ = writeln!(out, "### {}\n\n{}\n", options.name, options.doc);
    for (name, kind, default, doc) in &options.fields {
        let default = match default.as_deref() {
            None => "required".to_owned(),
            Some("nil") => "optional".to_owned(),
            Some(default) => format!("default `{default}`"),
        };
        let _ = writeln!(out, "- `{name}`: `{kind}`, {default}. {doc}");
    }
    out.push('\n');
}

pub(super) fn write_entry(out: &mut String, prefix: &str, entry: &Entry) {
    let parameters: Vec<_> = entry
        .parameters
        .iter()
        .map(|p| format!("{}{}: {}", p.name, if p.optional { "?" } else { "" }, p.kind))
        .collect();
    let returns = if entry.returns.is_empty() { String::new() } else { format!(": {}", entry.returns) };
    let _ = writeln!(
        out,
        "- `{prefix}{}({}){returns}`  \n  {}",
        entry.name,
        parameters.join(", "),
        entry.doc.replace('\n', " ")
    );
    write_example(out, "  ", entry.example.as_deref());
}

/// What a script returns.
pub(super) fn write_script(out: &mut String, api: &Api) {
    out.push_str(
        "## A script\n\nIt returns a table (`moonburn.Script`) of functions that the runtime calls, and of tables \
         and texts that it reads.\n\n",
    );
    for entry_point in api.entry_points() {
        write_entry_point(out, entry_point);
    }
    out.push('\n');
}

pub(super) fn write_entry_point(out: &mut String, entry_point: &EntryPoint) {
    let _ = writeln!(out, "- `{}`: `{}`  \n  {}", entry_point.name, entry_point.form.kind(), entry_point.text());
}

fn write_example(out: &mut String, indent: &str, example: Option<&str>) {
    if let Some(example) = example {
        let lines = ["```lua"].into_iter().chain(example.lines()).chain(["```"]);
        out.push('\n');
        lines.for_each(|line| out.extend([indent, line, "\n"]));
        out.push('\n');
    }
}
