//! Errors in what a script returns, at the line that writes it.

use mlua::Value;

use super::{
    ScriptError,
    script::Script,
    written::{self, Value as Written, WrittenAt},
};
use crate::{Error, message};

impl Script {
    /// An error in what the script returns under a path of keys, at the line where it is written.
    pub fn failure(&self, keys: &[&str], error: Error) -> ScriptError {
        ScriptError::at(self.place(keys), error)
    }

    /// An error in an option, which the command line may have set.
    pub fn option_failure(&self, name: &str, error: Error) -> ScriptError {
        let place = self.place(&["options", name]);
        let flag = format!("{place}: --set");
        match (self.set.iter().any(|set| set == name), error.root()) {
            // It names the option; the operation before that would say what the flag says.
            (true, Error::Argument { .. }) => ScriptError::flag(&flag, error),
            (true, _) => ScriptError::usage(flag, error),
            (false, _) => ScriptError::at(place, error),
        }
    }

    /// Where the script writes what it returns under a path of keys, or that part of the path that it has. The file
    /// alone where that is not known.
    pub(super) fn place(&self, keys: &[&str]) -> String {
        let (mut value, mut found) = (Value::Table(self.experiment.clone()), Vec::new());
        for key in keys {
            let Value::Table(table) = &value else { break };
            match table.raw_get::<Value>(*key) {
                Ok(Value::Nil) | Err(_) => break,
                Ok(next) => value = next,
            }
            found.push((*key).to_owned());
        }
        match written::find(&self.files(), &self.path, &found) {
            // Where it returns is certain, whatever it returns.
            Some(place) if found.is_empty() || self.is_written(&place, &value) => {
                format!("{}:{}", message::path(&place.path), place.line)
            }
            _ => message::path(&self.path),
        }
    }

    /// Whether a value is the one that is written somewhere.
    fn is_written(&self, place: &WrittenAt, value: &Value) -> bool {
        match &place.value {
            Written::Literal(text) => {
                let evaluated = self.lua().load(format!("return {text}")).eval::<Value>();
                evaluated.is_ok_and(|written| written == *value)
            }
            Written::Function(line) => match value {
                Value::Function(function) => function.info().line_defined == Some(*line),
                _ => false,
            },
            Written::Table => value.is_table() && !place.is_open,
            // Whether it is what came of that, or was put in its place since, nobody knows.
            Written::Computed => false,
        }
    }
}
