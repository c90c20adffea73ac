//! What the declarations say of one name, as the reference page has it.

use super::{
    Api, Entry,
    reference::{write_class, write_entry, write_entry_point, write_options},
};
use crate::{Error, Result};

/// What there is of a name: a function (`mb.optim.sgd`, or `sgd`), a group of them (`mb.optim`), a method (`Tensor:softmax`, or
/// `softmax` of every class), a class, a table of options, something that a script returns. Functions come with the
/// tables of options that they take.
///
/// # Errors
/// There is nothing of that name.
pub fn help(api: &Api, name: &str) -> Result<String> {
    let name = name.strip_prefix("mb.").or_else(|| name.strip_prefix("moonburn.")).unwrap_or(name);
    let (class, own) = name.split_once([':', '.']).map_or((None, name), |(class, own)| (Some(class), own));
    let mut out = String::new();
    let mut shown: Vec<&Entry> = Vec::new();
    let is_asked = |entry: &&Entry| {
        let is_in_group = entry.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
        is_in_group || entry.name == name || entry.name.strip_suffix(name).is_some_and(|group| group.ends_with('.'))
    };
    for entry in api.functions.iter().filter(is_asked) {
        write_entry(&mut out, "mb.", entry);
        shown.push(entry);
    }
    for known in api.classes.iter().filter(|known| class.is_none_or(|class| is_same(known.name, class))) {
        if class.is_none() && is_same(known.name, name) {
            write_class(&mut out, known);
        }
        for entry in known.entries.iter().filter(|entry| entry.name == own) {
            write_entry(&mut out, &format!("{}:", known.name), entry);
            shown.push(entry);
        }
    }
    api.entry_points().iter().filter(|known| known.name == own).for_each(|known| write_entry_point(&mut out, known));
    for options in api.docs.options.values() {
        let is_taken = |entry: &&Entry| entry.parameters.iter().any(|given| names(&given.kind, options.name));
        if is_same(options.name, name) || shown.iter().any(is_taken) {
            out.push('\n');
            write_options(&mut out, options);
        }
    }
    if out.is_empty() { Err(Error::unknown("help", "name", name, known(api))) } else { Ok(out) }
}

fn is_same(name: &str, asked: &str) -> bool {
    name.eq_ignore_ascii_case(asked)
}

/// Whether a type names a class: `moonburn.SgdOptions?` does so of `SgdOptions`.
fn names(kind: &str, class: &str) -> bool {
    kind.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == class)
}

fn known(api: &Api) -> Vec<String> {
    let functions = api.functions.iter().map(|entry| entry.name.clone());
    let methods = api.classes.iter().flat_map(|class| class.entries.iter().map(|entry| entry.name.clone()));
    let classes = api.classes.iter().map(|class| class.name.to_owned());
    functions.chain(methods).chain(classes).chain(api.docs.options.keys().map(|name| (*name).to_owned())).collect()
}
