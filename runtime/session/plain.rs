//! Plain values of a script that last: what `session.state` holds, without any VM. Knows how to become JSON and tensors
//! with names, and back, every bit of a number kept.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value, json};

use crate::{Error, Result, Tensor, position::number};

/// A value of a script that lasts.
#[derive(Clone, Debug)]
pub enum Plain {
    /// True or false.
    Bool(bool),
    /// An integer.
    Integer(i64),
    /// A float, NaN and infinity included.
    Number(f64),
    /// Text, or any bytes.
    Text(Vec<u8>),
    /// Keys, which are booleans, numbers or text, with values. Sorted by key.
    Table(Vec<(Plain, Plain)>),
    /// A tensor.
    Tensor(Box<Tensor>),
}

impl Default for Plain {
    fn default() -> Self {
        Self::Table(Vec::new())
    }
}

/// A key of an object that stands for something that JSON has no form for.
const MARK: char = '$';

impl Plain {
    /// The entries, if it is a table.
    pub fn entries(&self) -> &[(Plain, Plain)] {
        match self {
            Self::Table(entries) => entries,
            _ => &[],
        }
    }

    /// Whether two values are equal, floats by their bits. Tensors are equal where kind and shape are: their values
    /// would have to be read from the device.
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Integer(a), Self::Integer(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a.to_bits() == b.to_bits(),
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Tensor(a), Self::Tensor(b)) => a.dtype() == b.dtype() && a.shape() == b.shape(),
            (Self::Table(a), Self::Table(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0.is_like(&b.0) && a.1.is_like(&b.1))
            }
            _ => false,
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &Self) -> Option<&Self> {
        self.entries().iter().find(|(own, _)| own.is_like(key)).map(|(_, value)| value)
    }

    /// What a script's state is after its `setup` ran again: `live` goes on, but for the entries that the new setup
    /// makes otherwise than the old one did (`before`).
    pub fn carried_on(new: &Self, before: &Self, live: &Self) -> Self {
        let is_as_before = |key: &Self| match (new.get(key), before.get(key)) {
            (Some(new), Some(before)) => new.is_like(before),
            (None, None) => true,
            _ => false,
        };
        let lasting = live.entries().iter().filter(|(key, _)| is_as_before(key) || new.get(key).is_none());
        let changed = new.entries().iter().filter(|(key, _)| !is_as_before(key));
        Self::Table(lasting.chain(changed).cloned().collect())
    }

    /// As JSON; tensors are put into `tensors` under names that start with `path`.
    pub fn to_json(&self, path: &str, tensors: &mut Vec<(String, Tensor)>) -> Value {
        match self {
            Self::Bool(value) => (*value).into(),
            Self::Integer(value) => (*value).into(),
            Self::Number(value) => match Number::from_f64(*value) {
                Some(number) => Value::Number(number),
                None => json!({ "$number": format!("{:016x}", value.to_bits()) }),
            },
            Self::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => text.into(),
                Err(_) => json!({ "$bytes": bytes }),
            },
            Self::Tensor(tensor) => {
                // Two keys may look alike: `a.b`, and `b` of `a`.
                let name = format!("{path}#{}", tensors.len());
                tensors.push((name.clone(), Tensor::clone(tensor)));
                json!({ "$tensor": name })
            }
            Self::Table(entries) => table_to_json(entries, path, tensors),
        }
    }

    /// From what [`Plain::to_json`] gave.
    ///
    /// # Errors
    /// JSON that it does not give; a tensor that is not there.
    pub fn from_json(value: &Value, tensors: &BTreeMap<String, Tensor>) -> Result<Self> {
        let wrong =
            |what: &Value| Error::argument("checkpoint", "a value of session.state", "one that was saved", what);
        Ok(match value {
            Value::Null => return Err(wrong(value)),
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => match number.as_i64() {
                Some(integer) => Self::Integer(integer),
                None => Self::Number(number.as_f64().ok_or_else(|| wrong(value))?),
            },
            Value::String(text) => Self::Text(text.clone().into_bytes()),
            Value::Array(items) => {
                let entry =
                    |(i, item): (usize, &Value)| Ok((Self::Integer(i as i64 + 1), Self::from_json(item, tensors)?));
                Self::Table(items.iter().enumerate().map(entry).collect::<Result<_>>()?)
            }
            Value::Object(object) => match object.iter().next() {
                Some((mark, inner)) if mark.starts_with(MARK) => match mark.as_str() {
                    "$number" => {
                        let bits = inner.as_str().and_then(|text| u64::from_str_radix(text, 16).ok());
                        Self::Number(f64::from_bits(bits.ok_or_else(|| wrong(value))?))
                    }
                    "$bytes" => Self::Text(serde_json::from_value(inner.clone()).map_err(|_| wrong(value))?),
                    "$tensor" => {
                        let name = inner.as_str().ok_or_else(|| wrong(value))?;
                        Self::Tensor(Box::new(tensors.get(name).ok_or_else(|| wrong(value))?.clone()))
                    }
                    "$entries" => {
                        let entry = |pair: &Value| match pair.as_array().map(Vec::as_slice) {
                            Some([key, value]) => {
                                Ok((Self::from_json(key, tensors)?, Self::from_json(value, tensors)?))
                            }
                            _ => Err(wrong(pair)),
                        };
                        let pairs = inner.as_array().ok_or_else(|| wrong(value))?;
                        Self::Table(pairs.iter().map(entry).collect::<Result<_>>()?)
                    }
                    _ => return Err(wrong(value)),
                },
                _ => {
                    let entry = |(key, item): (&String, &Value)| {
                        Ok((Self::Text(key.clone().into()), Self::from_json(item, tensors)?))
                    };
                    Self::Table(object.iter().map(entry).collect::<Result<_>>()?)
                }
            },
        })
    }
}

fn table_to_json(entries: &[(Plain, Plain)], path: &str, tensors: &mut Vec<(String, Tensor)>) -> Value {
    let is_list = !entries.is_empty()
        && entries.iter().enumerate().all(|(i, (key, _))| matches!(key, Plain::Integer(n) if *n == i as i64 + 1));
    if is_list {
        return entries
            .iter()
            .enumerate()
            .map(|(i, (_, value))| value.to_json(&format!("{path}.{}", number(i)), tensors))
            .collect();
    }
    let name = |key: &Plain| match key {
        Plain::Text(bytes) => std::str::from_utf8(bytes).ok().filter(|text| !text.starts_with(MARK)).map(str::to_owned),
        _ => None,
    };
    let named: Option<Vec<(String, &Plain)>> = entries.iter().map(|(key, value)| Some((name(key)?, value))).collect();
    match named {
        Some(named) => {
            let entry = |(name, value): (String, &Plain)| {
                let json = value.to_json(&format!("{path}.{name}"), tensors);
                (name, json)
            };
            Value::Object(named.into_iter().map(entry).collect::<Map<_, _>>())
        }
        None => {
            let pair = |(i, (key, value)): (usize, &(Plain, Plain))| {
                json!([key.to_json(path, tensors), value.to_json(&format!("{path}.#{}", number(i)), tensors)])
            };
            json!({ "$entries": entries.iter().enumerate().map(pair).collect::<Vec<_>>() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Device;

    fn text(text: &str) -> Plain {
        Plain::Text(text.as_bytes().to_vec())
    }

    fn table(entries: &[(&str, Plain)]) -> Plain {
        Plain::Table(entries.iter().map(|(key, value)| (text(key), value.clone())).collect())
    }

    #[test]
    fn every_value_comes_back_from_json_bit_for_bit() {
        let list = Plain::Table((1..4).map(|i| (Plain::Integer(i), Plain::Number(0.1 * i as f64))).collect());
        let mixed = Plain::Table(vec![
            (Plain::Bool(true), Plain::Integer(i64::MAX)),
            (Plain::Integer(7), Plain::Number(-0.0)),
            (Plain::Number(0.5), Plain::Text(vec![0xff, 0])),
        ]);
        let numbers = [f64::NAN, f64::NEG_INFINITY, 1.0, 5e-324, 0.1 + 0.2, 1.7976931348623157e308];
        let odd = Plain::Table(
            numbers.iter().enumerate().map(|(i, x)| (Plain::Integer(2 * i as i64), Plain::Number(*x))).collect(),
        );
        let tensor = Plain::Tensor(Box::new(Tensor::from_ints(vec![3, -4], &[2], &Device::cpu()).unwrap()));
        let all = table(&[
            ("$odd", odd),
            ("empty", Plain::default()),
            ("list", list),
            ("mixed", mixed),
            ("nested", table(&[("t", tensor)])),
        ]);
        let mut tensors = Vec::new();
        let json = serde_json::to_string(&all.to_json("state", &mut tensors)).unwrap();
        let back = Plain::from_json(&serde_json::from_str(&json).unwrap(), &tensors.into_iter().collect()).unwrap();
        assert!(back.is_like(&all), "{json}\n{back:?}");
        assert!(json.contains(r#"["list",[0.1,0.2,0.30000000000000004]]"#), "{json}");
    }

    #[test]
    fn an_edit_of_setup_changes_what_it_changes_and_nothing_else() {
        let before = table(&[("best", Plain::Number(0.0)), ("limit", Plain::Integer(5)), ("gone", Plain::Bool(true))]);
        let live = table(&[("best", Plain::Number(0.7)), ("limit", Plain::Integer(6)), ("own", text("kept"))]);
        let new = table(&[
            ("best", Plain::Number(0.0)),
            ("limit", Plain::Integer(9)),
            ("gone", Plain::Bool(true)),
            ("more", text("new")),
        ]);
        let after = Plain::carried_on(&new, &before, &live);
        let want = table(&[
            ("best", Plain::Number(0.7)),
            ("own", text("kept")),
            ("limit", Plain::Integer(9)),
            ("more", text("new")),
        ]);
        assert!(after.is_like(&want), "{after:?}");
    }

    #[test]
    fn json_that_was_never_saved_is_refused() {
        for bad in [json!(null), json!({ "$tensor": "nowhere" }), json!({ "$what": 1 }), json!({ "$number": "xyz" })] {
            assert!(Plain::from_json(&bad, &BTreeMap::new()).is_err(), "{bad}");
        }
    }
}
