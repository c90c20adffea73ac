//! What a handler may return to Lua.

use mlua::{IntoLua, Lua, MultiValue, Table, Value};

/// A type that a handler returns.
pub trait Returned {
    /// Its LuaLS type, or several separated by commas. Empty for nothing.
    fn kind() -> String;

    /// Whether it is always one value.
    const SINGLE: bool = false;

    /// Converts it.
    ///
    /// # Errors
    /// The Lua heap is full.
    fn into_values(self, lua: &Lua) -> mlua::Result<MultiValue>;

    /// Converts it where one value is asked for: the first.
    ///
    /// # Errors
    /// The Lua heap is full.
    fn into_value(self, lua: &Lua) -> mlua::Result<Value>
    where
        Self: Sized,
    {
        Ok(self.into_values(lua)?.pop_front().unwrap_or_default())
    }
}

/// One value as many.
pub fn alone(value: mlua::Result<Value>) -> mlua::Result<MultiValue> {
    Ok(MultiValue::from_vec(vec![value?]))
}

/// Types that mlua converts by itself.
macro_rules! returned {
    ($($type:ty, $kind:literal;)*) => {
        $(impl Returned for $type {
            const SINGLE: bool = true;

            fn kind() -> String {
                $kind.into()
            }

            fn into_values(self, lua: &Lua) -> mlua::Result<MultiValue> {
                alone(self.into_lua(lua))
            }

            fn into_value(self, lua: &Lua) -> mlua::Result<Value> {
                self.into_lua(lua)
            }
        })*
    };
}

returned! {
    f64, "number";
    i64, "integer";
    usize, "integer";
    u64, "integer";
    bool, "boolean";
    String, "string";
    &'static str, "string";
    Value, "any";
    Table, "table";
}

/// Declares a type around a value of Lua that says what LuaLS should know of it.
macro_rules! of_kind {
    ($(#[$doc:meta])* $name:ident, $kind:expr) => {
        $(#[$doc])*
        pub struct $name(mlua::Value);

        impl From<mlua::Table> for $name {
            fn from(table: mlua::Table) -> Self {
                Self(mlua::Value::Table(table))
            }
        }

        impl From<mlua::Function> for $name {
            fn from(function: mlua::Function) -> Self {
                Self(mlua::Value::Function(function))
            }
        }

        impl $crate::lua::api::Returned for $name {
            const SINGLE: bool = true;

            fn kind() -> String {
                $kind.into()
            }

            fn into_values(self, _: &mlua::Lua) -> mlua::Result<mlua::MultiValue> {
                Ok(mlua::MultiValue::from_vec(vec![self.0]))
            }

            fn into_value(self, _: &mlua::Lua) -> mlua::Result<mlua::Value> {
                Ok(self.0)
            }
        }
    };
}

pub(in crate::lua) use of_kind;

impl Returned for () {
    fn kind() -> String {
        String::new()
    }

    fn into_values(self, _: &Lua) -> mlua::Result<MultiValue> {
        Ok(MultiValue::new())
    }
}

impl Returned for MultiValue {
    fn kind() -> String {
        "any".into()
    }

    fn into_values(self, _: &Lua) -> mlua::Result<MultiValue> {
        Ok(self)
    }
}

impl<T: Returned> Returned for Option<T> {
    const SINGLE: bool = T::SINGLE;

    fn kind() -> String {
        format!("{}?", T::kind())
    }

    fn into_values(self, lua: &Lua) -> mlua::Result<MultiValue> {
        self.map_or_else(|| alone(Ok(Value::Nil)), |value| value.into_values(lua))
    }

    fn into_value(self, lua: &Lua) -> mlua::Result<Value> {
        self.map_or(Ok(Value::Nil), |value| value.into_value(lua))
    }
}

impl<T: Returned> Returned for Vec<T> {
    const SINGLE: bool = true;

    fn kind() -> String {
        format!("{}[]", T::kind())
    }

    fn into_values(self, lua: &Lua) -> mlua::Result<MultiValue> {
        alone(self.into_value(lua))
    }

    fn into_value(self, lua: &Lua) -> mlua::Result<Value> {
        let table = lua.create_table_with_capacity(self.len(), 0)?;
        for value in self {
            table.raw_push(value.into_value(lua)?)?;
        }
        Ok(Value::Table(table))
    }
}

impl<A: Returned, B: Returned> Returned for (A, B) {
    fn kind() -> String {
        format!("{}, {}", A::kind(), B::kind())
    }

    fn into_values(self, lua: &Lua) -> mlua::Result<MultiValue> {
        let mut values = self.0.into_values(lua)?;
        values.extend(self.1.into_values(lua)?);
        Ok(values)
    }
}

/// One value or more.
pub struct Several<T>(pub Vec<T>);

impl<T: Returned> Returned for Several<T> {
    fn kind() -> String {
        format!("{}{MORE}", T::kind())
    }

    fn into_values(self, lua: &Lua) -> mlua::Result<MultiValue> {
        let mut values = Vec::with_capacity(self.0.len());
        for value in self.0 {
            values.extend(value.into_values(lua)?);
        }
        Ok(MultiValue::from_vec(values))
    }
}

/// What LuaLS writes after the type of a value that more may follow.
pub const MORE: &str = " ...";
