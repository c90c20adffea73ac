//! What a value certainly is, by the declarations of the API.

use crate::lua::api::MORE;

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Unknown,
    /// What is being found out already: whatever else it is.
    Open,
    Nil,
    Number,
    Text,
    Boolean,
    /// A table of the module: `nn`; the module itself has no name.
    Namespace(String),
    /// A declared function, by what it returns.
    Function(String),
    /// An object of a declared class.
    Class(String),
}

impl Kind {
    pub fn is_tensor(&self) -> bool {
        matches!(self, Self::Class(name) if name == "Tensor")
    }

    /// Whether it is something, and no tensor nor nil.
    pub fn is_plain(&self) -> bool {
        matches!(self, Self::Number | Self::Text | Self::Boolean)
    }

    /// The value at a position, from 0, of what LuaLS types say.
    pub fn declared(types: &str, position: usize) -> Self {
        let kind = types.split(", ").nth(position).unwrap_or_default().trim_end_matches(MORE);
        match kind.strip_prefix("moonburn.") {
            Some(class) if class.chars().all(char::is_alphanumeric) => Self::Class(class.into()),
            _ => match kind {
                "number" | "integer" => Self::Number,
                "string" => Self::Text,
                "boolean" => Self::Boolean,
                _ => Self::Unknown,
            },
        }
    }

    /// What is known of a value that is one or the other.
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Open, other) | (other, Self::Open) => other,
            (one, other) if one == other => one,
            _ => Self::Unknown,
        }
    }
}
