//! Arguments by name, as Python has them, where they are written in order here.

use mlua::{Table, Value};

use super::{Call, value_name};
use crate::Error;

/// Names of PyTorch's and NumPy's arguments, and those of ours.
const OTHERS: [(&str, &str); 5] =
    [("axis", "dim"), ("dims", "dim"), ("keepdim", "keep"), ("keepdims", "keep"), ("keep_dim", "keep")];

/// An error of the argument at a place, for which a table was given. Where the table has arguments by name it says how the
/// call is written here.
pub fn in_order(call: &Call, place: usize, table: &Table, error: Error) -> Error {
    let Error::Argument { op, name, want, got } = error else { return error };
    let values = call.names().iter().skip(place).map(|name| by_name(table, name));
    let mut values: Vec<Option<String>> = values.collect();
    while values.pop_if(|value| value.is_none()).is_some() {}
    if values.is_empty() || !got.starts_with("a table") {
        return Error::Argument { op, name, want, got };
    }
    let before = call.names()[..place].iter().filter(|name| *name != "self").cloned();
    let values = before.chain(values.into_iter().map(|value| value.unwrap_or_else(|| "nil".into())));
    let written = format!("{}({})", call.path(), values.collect::<Vec<_>>().join(", "));
    Error::Argument { op, name, want: format!("{want}, as in {written}"), got: "a table of names".into() }
}

/// What a table has under the name of an argument.
fn by_name(table: &Table, name: &str) -> Option<String> {
    let others = OTHERS.iter().filter(|(_, own)| *own == name).map(|(other, _)| *other);
    let values = [name].into_iter().chain(others).map(|name| table.raw_get::<Value>(name).unwrap_or_default());
    let value = values.into_iter().find(|value| !value.is_nil())?;
    Some(match &value {
        Value::Integer(_) | Value::Number(_) | Value::Boolean(_) => value_name(&value),
        _ => name.to_owned(),
    })
}
