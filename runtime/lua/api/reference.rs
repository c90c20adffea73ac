//! The reference page (Markdown), from the declarations.

use std::fmt::Write;

use super::{Api, Entry};

/// A page with every function, class and options table.
pub fn reference(api: &Api) -> String {
    let mut out = String::from("# Moonburn's Lua API\n\n`local mb = require \"moonburn\"`\n\n## Functions\n\n");
    for entry in &api.functions {
        write_entry(&mut out, "mb.", entry);
    }
    for class in &api.classes {
        let _ = writeln!(out, "## {}\n\n{}\n", class.name, class.doc);
        for (name, kind, doc) in &class.fields {
            let _ = writeln!(out, "- `.{name}`: `{kind}`. {doc}");
        }
        for (metamethod, entry) in &class.operators {
            let _ = writeln!(out, "- `{metamethod}`: {}", entry.doc);
        }
        for entry in &class.entries {
            write_entry(&mut out, ":", entry);
        }
        out.push('\n');
    }
    out.push_str("## Options\n\n");
    for options in api.docs.options.values() {
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
    out
}

fn write_entry(out: &mut String, prefix: &str, entry: &Entry) {
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
}
