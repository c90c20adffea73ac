//! What a script may return: functions that the runtime calls, tables and texts that it reads. Declared once, for the
//! check of what a script returned, the call, the type definitions and the reference.

use mlua::Value;

/// Something that a script may return under a name.
#[derive(Clone)]
pub struct EntryPoint {
    pub name: &'static str,
    pub form: Form,
    /// What it is, and when it is called or read.
    pub doc: &'static str,
    pub absent: Absent,
}

/// What an entry point is.
#[derive(Clone)]
pub enum Form {
    /// A function: what it is called with, and the LuaLS type of what it returns; empty for nothing.
    Function(&'static [Passed], &'static str),
    /// A table of this LuaLS type.
    Table(String),
    /// A text, and what it has to be.
    Text(&'static str),
}

/// What a function of a script is called with.
#[derive(Clone, Copy, PartialEq)]
pub enum Passed {
    Session,
    /// What `episode` returned.
    Episode,
    /// The script's options, those of the command line among them.
    Options,
}

/// What holds where a script does not return it.
#[derive(Clone, Copy)]
pub enum Absent {
    Means(&'static str),
    /// It must be there unless another one is.
    NeededWithout(&'static str),
}

impl Passed {
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Episode => "episode",
            Self::Options => "options",
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Session => "moonburn.Session",
            // What most scripts return there. A `---@param` says what else it is.
            Self::Episode => "moonburn.Episode",
            Self::Options => "moonburn.Options",
        }
    }
}

impl Form {
    /// Whether a value is one.
    pub fn fits(&self, value: &Value) -> bool {
        match self {
            Self::Function(..) => value.is_function(),
            Self::Table(_) => value.is_table(),
            Self::Text(_) => value.is_string(),
        }
    }

    /// What a value must be, for a message.
    pub fn want(&self) -> &'static str {
        match self {
            Self::Function(..) => "a function",
            Self::Table(_) => "a table",
            Self::Text(want) => want,
        }
    }

    /// Its LuaLS type.
    pub fn kind(&self) -> String {
        match self {
            Self::Function(given, returns) => {
                let given: Vec<_> =
                    given.iter().map(|passed| format!("{}: {}", passed.name(), passed.kind())).collect();
                let returns = if returns.is_empty() { String::new() } else { format!(": {returns}") };
                format!("fun({}){returns}", given.join(", "))
            }
            Self::Table(kind) => kind.clone(),
            Self::Text(_) => "string".into(),
        }
    }
}

impl EntryPoint {
    /// What it is, and what holds where a script does not return it.
    pub fn text(&self) -> String {
        match self.absent {
            Absent::Means(what) => format!("{} Left out: {what}.", self.doc),
            Absent::NeededWithout(other) => format!("{} Needed where there is no {other}.", self.doc),
        }
    }
}
