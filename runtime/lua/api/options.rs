//! Options tables: a struct declared once gives its parsing, its defaults, its documentation and its suggestions.

use mlua::{Lua, Table, Value};

use super::{Argument, mismatch};
use crate::{Error, Result, lua::order};

/// Reads a field, or its default where it is left out.
pub(crate) fn read_field<T: Argument>(table: &Table, lua: &Lua, op: &str, name: &str, default: Option<T>) -> Result<T> {
    let value: Value =
        table.raw_get(name).map_err(|error| Error::State { op: "options", reason: error.to_string() })?;
    match (value, default) {
        (Value::Nil, Some(default)) => Ok(default),
        (Value::Nil, None) if !T::OPTIONAL => Err(Error::argument(op, name, "given", "nothing")),
        (value, _) => T::from_value(value, lua, op, name),
    }
}

/// An error for a key that is none of the known ones.
pub(crate) fn unknown_key(table: &Table, op: &str, known: &[&str]) -> Result<()> {
    for (key, _) in order::entries(table).map_err(Error::callback)? {
        match &key {
            Value::String(text) if known.iter().any(|name| text.as_bytes() == name.as_bytes()) => {}
            Value::String(text) => {
                return Err(Error::unknown(op, "option", text.to_string_lossy(), known.iter().copied()));
            }
            other => return Err(mismatch(op, "every option", "named", other)),
        }
    }
    Ok(())
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
                    let declared_as = std::any::type_name::<Self>();
                    if let Some(known) = docs.options.get($lua_name) {
                        assert_eq!(known.declared_as, declared_as, "options tables have names of their own");
                    } else {
                        let fields = vec![$((
                            stringify!($field).to_owned(),
                            <$type as $crate::lua::api::Argument>::kind(docs),
                            $crate::lua::api::options!(@default docs, $type $(, $default)?),
                            [$($field_doc),*].concat().trim().to_owned(),
                        ),)*];
                        let doc = [$($doc),*].concat().trim().to_owned();
                        docs.options.insert($lua_name, $crate::lua::api::OptionsDoc { name: $lua_name, declared_as, doc, fields });
                    }
                    format!("moonburn.{}", $lua_name)
                }

                fn from_value(value: mlua::Value, lua: &mlua::Lua, op: &str, name: &str) -> $crate::Result<Self> {
                    let table = match value {
                        mlua::Value::Table(table) => table,
                        mlua::Value::Nil => lua.create_table().map_err(|error| $crate::Error::State { op: "options", reason: error.to_string() })?,
                        other => return Err($crate::lua::api::mismatch(op, name, "a table of options", &other)),
                    };
                    $crate::lua::api::unknown_key(&table, op, &[$(stringify!($field)),*])?;
                    Ok(Self { $($field: $crate::lua::api::read_field(
                        &table, lua, op, stringify!($field), $crate::lua::api::options!(@value $($default)?),
                    )?,)* })
                }
            }
        )*
    };
    (@optional $type:ty) => { <$type as $crate::lua::api::Argument>::OPTIONAL };
    (@optional $type:ty, $default:expr) => { true };
    (@default $docs:ident, $type:ty) => { None };
    (@default $docs:ident, $type:ty, $default:expr) => {
        Some($crate::lua::api::lua_text(stringify!($default), &<$type as $crate::lua::api::Argument>::kind($docs)))
    };
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
