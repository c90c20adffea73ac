//! Core values as Lua objects.

/// Lets values of a core type be arguments and results, under the name of their class.
macro_rules! object {
    ($type:ty, $name:literal, $want:literal) => {
        impl $crate::lua::api::Argument for $type {
            fn kind(_: &mut $crate::lua::api::Docs) -> String {
                concat!("moonburn.", $name).into()
            }

            fn from_value(value: mlua::Value, _: &mlua::Lua, op: &str, name: &str) -> $crate::Result<Self> {
                if let mlua::Value::UserData(data) = &value
                    && let Ok(object) = $crate::lua::order::objects::borrow::<$type>(data)
                {
                    return Ok(object.clone());
                }
                Err($crate::lua::api::mismatch(op, name, $want, &value))
            }
        }

        impl $crate::lua::api::Returned for $type {
            const SINGLE: bool = true;

            fn kind() -> String {
                concat!("moonburn.", $name).into()
            }

            fn into_values(self, lua: &mlua::Lua) -> mlua::Result<mlua::MultiValue> {
                $crate::lua::api::alone(self.into_value(lua))
            }

            fn into_value(self, lua: &mlua::Lua) -> mlua::Result<mlua::Value> {
                $crate::lua::order::objects::create(lua, self).map(mlua::Value::UserData)
            }
        }
    };
}
pub(super) use object;

/// Lets choices among names be arguments. Where more than these names makes sense, what else does stands behind `or`.
macro_rules! named {
    ($($type:ty $(, or $more:literal)?;)*) => {
        $(impl $crate::lua::api::Argument for $type {
            fn kind(_: &mut $crate::lua::api::Docs) -> String {
                let names = <$type as $crate::options::Choice>::NAMES.iter().map(|name| format!("\"{name}\""));
                names$(.chain([$more.to_owned()]))?.collect::<Vec<_>>().join("|")
            }

            fn from_value(value: mlua::Value, lua: &mlua::Lua, op: &str, name: &str) -> $crate::Result<Self> {
                match value {
                    mlua::Value::String(_) => {
                        let text: String = $crate::lua::api::Argument::from_value(value, lua, op, name)?;
                        text.parse()
                    }
                    other => {
                        let want = format!("one of {}", Self::kind(&mut $crate::lua::api::Docs::default()));
                        Err($crate::lua::api::mismatch(op, name, &want, &other))
                    }
                }
            }
        })*
    };
}
pub(super) use named;

/// Lets an enumeration of several kinds of objects be a result: whichever it is.
macro_rules! any_of {
    ($type:ty, $($kind:ident),+) => {
        impl $crate::lua::api::Returned for $type {
            const SINGLE: bool = true;

            fn kind() -> String {
                "any".into()
            }

            fn into_values(self, lua: &mlua::Lua) -> mlua::Result<mlua::MultiValue> {
                $crate::lua::api::alone(self.into_value(lua))
            }

            fn into_value(self, lua: &mlua::Lua) -> mlua::Result<mlua::Value> {
                match self {
                    $(Self::$kind(object) => $crate::lua::api::Returned::into_value(object, lua),)+
                }
            }
        }
    };
}
pub(super) use any_of;
