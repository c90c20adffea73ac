//! Declared tables of options as arguments: a table of Lua becomes the core's struct, with an error for a key that is
//! none of its options, and its documentation.

use mlua::{Lua, Table, Value};

use super::{Argument, Docs, OptionsDoc, mismatch};
use crate::{
    Error, Result,
    lua::order,
    message,
    options::{Declared, Options, ReadFrom, Reader, Reads},
};

/// An options table of a call, none of whose keys is unknown. Keeps the error of a field, which is not handed through
/// the code of each table.
pub struct Given<'a> {
    table: Table,
    lua: &'a Lua,
    op: &'a str,
    failed: Option<Error>,
}

impl<'a> Given<'a> {
    /// An argument that is such a table, or nothing.
    ///
    /// # Errors
    /// It is something else; an unknown key.
    fn new(value: Value, lua: &'a Lua, [op, name]: [&'a str; 2], known: &[&str]) -> Result<Self> {
        let table = match value {
            Value::Table(table) => table,
            Value::Nil => lua.create_table().map_err(refused)?,
            other => return Err(mismatch(op, name, "a table of options", &other)),
        };
        unknown_key(&table, op, known)?;
        Ok(Self { table, lua, op, failed: None })
    }

    /// A field, or its default where it is left out. None where it cannot be read.
    #[inline(never)]
    fn field<T: Argument>(&mut self, name: &str, default: Option<T>) -> Option<T> {
        let read = match (self.value(name, default.is_some() || T::OPTIONAL), default) {
            (Ok(Value::Nil), Some(default)) => Ok(default),
            (Ok(value), _) => T::from_value(value, self.lua, self.op, name),
            (Err(error), _) => Err(error),
        };
        read.map_err(|error| self.failed = Some(error)).ok()
    }

    fn value(&self, name: &str, may_lack: bool) -> Result<Value> {
        match self.table.raw_get(name).map_err(refused)? {
            Value::Nil if !may_lack => Err(Error::argument(self.op, name, "given", "nothing")),
            value => Ok(value),
        }
    }
}

/// Lua refused a table.
fn refused(error: mlua::Error) -> Error {
    Error::State { op: "options", reason: error.to_string() }
}

/// An error for a key that is none of the known ones.
pub(crate) fn unknown_key(table: &Table, op: &str, known: &[&str]) -> Result<()> {
    for (key, _) in order::entries(table).map_err(Error::callback)? {
        match &key {
            Value::String(text) if known.iter().any(|name| text.as_bytes() == name.as_bytes()) => {}
            Value::String(text) => {
                return Err(Error::unknown(op, "option", message::bytes(&text.as_bytes()), known.iter().copied()));
            }
            other => return Err(mismatch(op, "every option", "named", other)),
        }
    }
    Ok(())
}

impl Reader for Given<'_> {
    type Docs = Docs;
}

impl<T: Argument> Reads<T> for Given<'_> {
    const OPTIONAL: bool = T::OPTIONAL;

    fn kind(docs: &mut Docs) -> String {
        T::kind(docs)
    }

    fn option(&mut self, entry: &'static Declared, default: Option<T>) -> Option<T> {
        self.field(entry.name, default)
    }
}

/// A table that is declared is an argument, its ranges checked.
impl<O: Options> Argument for O
where
    O: for<'a> ReadFrom<Given<'a>>,
{
    const OPTIONAL: bool = <O as ReadFrom<Given<'static>>>::OPTIONAL;

    fn kind(docs: &mut Docs) -> String {
        let declared_as = std::any::type_name::<O>();
        if let Some(known) = docs.options.get(O::NAME) {
            assert_eq!(known.declared_as, declared_as, "options tables have names of their own");
        } else {
            let kinds = <O as ReadFrom<Given<'static>>>::kinds(docs);
            let fields = O::entries().into_iter().zip(kinds).map(|(entry, kind)| document(entry, kind)).collect();
            let doc = O::DOC.concat().trim().to_owned();
            docs.options.insert(O::NAME, OptionsDoc { name: O::NAME, declared_as, doc, fields });
        }
        format!("moonburn.{}", O::NAME)
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        let known: Vec<&str> = O::entries().into_iter().map(|entry| entry.name).collect();
        let mut given = Given::new(value, lua, [op, name], &known)?;
        match O::read_from(&mut given) {
            Some(options) => options.checked(op),
            None => Err(given.failed.expect("an option that is not read leaves its error")),
        }
    }
}

/// An option's name, LuaLS type, default as a script would write it, and sentence.
fn document(entry: &Declared, kind: String) -> (String, String, Option<String>, String) {
    let default = entry.default.map(|rust| lua_text(rust, &kind));
    (entry.name.to_owned(), kind, default, entry.sentence())
}

/// A default, written in Rust, as a script would write it: `Split::Train` of the type `"train"|"test"` is `"train"`.
fn lua_text(rust: &str, kind: &str) -> String {
    let text = [".into()", ".to_owned()", ".to_string()"].iter().fold(rust, |text, end| text.trim_end_matches(end));
    if text == "None" {
        return "nil".into();
    }
    let number = |before: &&str| text.strip_prefix(*before);
    let wrapped = [
        "Pair::square(",
        "Padding::square(",
        "Padding::Sides(",
        "PerChannel::All(",
        "ErasingValue::Values(PerChannel::All(",
    ];
    if let Some(number) = wrapped.iter().find_map(number) {
        return number.trim_end_matches(')').into();
    }
    if let Some((_, variant)) = text.rsplit_once("::") {
        let plain = |name: &str| name.replace('_', "").to_lowercase();
        let named = kind.split('|').find(|name| plain(name.trim_matches('"')) == plain(variant));
        return named.unwrap_or(variant).to_owned();
    }
    // A newtype shows what it wraps.
    let inner = match text.split_once('(') {
        Some((name, rest)) if name.chars().all(char::is_alphanumeric) => rest.trim_end_matches(')'),
        _ => text,
    };
    match inner.trim_start_matches("vec!").strip_prefix('[').and_then(|list| list.strip_suffix(']')) {
        Some("") => "{}".into(),
        Some(list) => format!("{{ {list} }}"),
        None => inner.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_read_as_lua() {
        assert_eq!(lua_text("0.5", "number"), "0.5");
        assert_eq!(lua_text("None", "integer"), "nil");
        assert_eq!(lua_text("\"shapes\".into()", "string"), "\"shapes\"");
        assert_eq!(lua_text("Stem::ImageNet", "\"imagenet\"|\"cifar\""), "\"imagenet\"");
        assert_eq!(lua_text("Pair::square(3)", "integer|integer[]"), "3");
        assert_eq!(lua_text("Padding::square(1)", "integer|integer[]|\"same\""), "1");
        assert_eq!(lua_text("Padding::Sides(0)", "integer|\"same\""), "0");
        assert_eq!(lua_text("ErasingValue::Values(PerChannel::All(0.0))", "number"), "0.0");
        assert_eq!(lua_text("Span([3.0 / 4.0, 4.0 / 3.0])", "number[]"), "{ 3.0 / 4.0, 4.0 / 3.0 }");
    }
}
