//! Options tables: a struct declared once gives its parsing, its defaults, its documentation and its suggestions.

use mlua::{Lua, Table, Value};

use super::{Argument, Docs, OptionsDoc, mismatch};
use crate::{Error, Result, lua::order, message};

/// An options table of a call, none of whose keys is unknown. Keeps the error of a field, which is not handed through the
/// code of each table.
pub(crate) struct Given<'a> {
    table: Table,
    lua: &'a Lua,
    op: &'a str,
    failed: Option<Error>,
}

impl<'a> Given<'a> {
    /// Reads an argument that is such a table, or nothing.
    ///
    /// # Errors
    /// It is something else; an unknown key; what a field makes of its value.
    pub fn read<O>(
        value: Value,
        lua: &'a Lua,
        [op, name]: [&'a str; 2],
        known: &[&str],
        fields: impl FnOnce(&mut Self) -> Option<O>,
    ) -> Result<O> {
        let mut given = Self::new(value, lua, [op, name], known)?;
        let read = fields(&mut given);
        read.ok_or_else(|| given.failed.expect("a field that is not read leaves its error"))
    }

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
    pub fn field<T: Argument>(&mut self, name: &str, default: Option<T>) -> Option<T> {
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

/// An options table as declared.
pub(crate) struct Declaration {
    pub name: &'static str,
    /// The Rust type.
    pub declared_as: fn() -> &'static str,
    /// Documentation, a line each.
    pub doc: &'static [&'static str],
    pub fields: &'static [Field],
}

/// A field as declared.
pub(crate) struct Field {
    pub name: &'static str,
    pub kind: fn(&mut Docs) -> String,
    /// In Rust.
    pub default: Option<&'static str>,
    pub doc: &'static [&'static str],
}

impl Declaration {
    /// Its LuaLS type. Documents it.
    pub fn kind(&self, docs: &mut Docs) -> String {
        let declared_as = (self.declared_as)();
        if let Some(known) = docs.options.get(self.name) {
            assert_eq!(known.declared_as, declared_as, "options tables have names of their own");
        } else {
            let fields = self.fields.iter().map(|field| field.document(docs)).collect();
            let doc = self.doc.concat().trim().to_owned();
            docs.options.insert(self.name, OptionsDoc { name: self.name, declared_as, doc, fields });
        }
        format!("moonburn.{}", self.name)
    }
}

impl Field {
    fn document(&self, docs: &mut Docs) -> (String, String, Option<String>, String) {
        let kind = (self.kind)(docs);
        let default = self.default.map(|rust| lua_text(rust, &kind));
        (self.name.to_owned(), kind, default, self.doc.concat().trim().to_owned())
    }
}

/// A default, written in Rust, as a script would write it: `Split::Train` of the type `"train"|"test"` is `"train"`.
pub(crate) fn lua_text(rust: &str, kind: &str) -> String {
    let text = [".into()", ".to_owned()", ".to_string()"].iter().fold(rust, |text, end| text.trim_end_matches(end));
    if text == "None" {
        return "nil".into();
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

/// Declares options tables: `name: Type = default` or, for a required one, `name: Type`.
macro_rules! options {
    ($($(#[doc = $doc:literal])* $struct:ident($lua_name:literal) {
        $($(#[doc = $field_doc:literal])* $field:ident: $type:ty $(= $default:expr)?;)*
    })*) => {
        $(
            $(#[doc = $doc])*
            pub struct $struct {
                $($(#[doc = $field_doc])* pub $field: $type,)*
            }

            impl $crate::lua::api::Argument for $struct {
                const OPTIONAL: bool = true $(&& $crate::lua::api::options!(@optional $type $(, $default)?))*;

                fn kind(docs: &mut $crate::lua::api::Docs) -> String {
                    const DECLARATION: $crate::lua::api::Declaration = $crate::lua::api::Declaration {
                        name: $lua_name,
                        declared_as: std::any::type_name::<$struct>,
                        doc: &[$($doc),*],
                        fields: &[$($crate::lua::api::Field {
                            name: stringify!($field),
                            kind: <$type as $crate::lua::api::Argument>::kind,
                            default: $crate::lua::api::options!(@text $($default)?),
                            doc: &[$($field_doc),*],
                        },)*],
                    };
                    DECLARATION.kind(docs)
                }

                fn from_value(value: mlua::Value, lua: &mlua::Lua, op: &str, name: &str) -> $crate::Result<Self> {
                    $crate::lua::api::Given::read(value, lua, [op, name], &[$(stringify!($field)),*], |given| {
                        Some(Self { $($field: given.field(
                            stringify!($field), $crate::lua::api::options!(@value $($default)?),
                        )?,)* })
                    })
                }
            }
        )*
    };
    (@optional $type:ty) => { <$type as $crate::lua::api::Argument>::OPTIONAL };
    (@optional $type:ty, $default:expr) => { true };
    (@text) => { None };
    (@text $default:expr) => { Some(stringify!($default)) };
    (@value) => { None };
    (@value $default:expr) => { Some($default) };
}
pub(crate) use options;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_read_as_lua() {
        assert_eq!(lua_text("0.5", "number"), "0.5");
        assert_eq!(lua_text("None", "integer"), "nil");
        assert_eq!(lua_text("\"shapes\".into()", "string"), "\"shapes\"");
        assert_eq!(lua_text("Stem::ImageNet", "\"imagenet\"|\"cifar\""), "\"imagenet\"");
        assert_eq!(lua_text("Range([3.0 / 4.0, 4.0 / 3.0])", "number[]"), "{ 3.0 / 4.0, 4.0 / 3.0 }");
    }
}
