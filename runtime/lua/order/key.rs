//! A key of a Lua table as it is sorted.

use std::cmp::Ordering;

use mlua::Value;

use super::objects;

/// A key, and by the order of the variants its place: positions, other numbers, names, booleans, objects of the runtime
/// by the number that they got when they were made. What is left, tables and functions say, has an address and nothing
/// else to go by.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Position(i64),
    Number(Number),
    /// By bytes, whatever the language of the machine.
    Name(Vec<u8>),
    Boolean(bool),
    Object(u64),
    Unordered,
}

impl Key {
    /// The key that a value is.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Integer(position) if *position > 0 => Self::Position(*position),
            Value::Integer(integer) => Self::Number(Number::Integer(*integer)),
            Value::Number(float) => Self::Number(Number::Float(*float)),
            Value::String(name) => Self::Name(name.as_bytes().to_vec()),
            Value::Boolean(boolean) => Self::Boolean(*boolean),
            Value::UserData(object) => objects::number(object).map_or(Self::Unordered, Self::Object),
            _ => Self::Unordered,
        }
    }
}

/// A number that is no position. As a key it is never NaN, and a float only where it is no integer.
#[derive(Debug)]
pub enum Number {
    Integer(i64),
    Float(f64),
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => a.total_cmp(b),
            (Self::Integer(a), Self::Float(b)) => against(*a, *b),
            (Self::Float(a), Self::Integer(b)) => against(*b, *a).reverse(),
        }
    }
}

/// An integer against a float that is none: as floats the two may be equal, since a float holds 53 bits.
fn against(integer: i64, float: f64) -> Ordering {
    if float.abs() >= 2f64.powi(63) {
        return 0f64.total_cmp(&float);
    }
    // A float that is no integer is small enough to lose nothing but its fraction.
    integer.cmp(&(float.floor() as i64)).then(Ordering::Less)
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Number {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_stands_where_it_belongs_among_floats() {
        let (integer, float) = (Number::Integer, Number::Float);
        let ascending = [
            float(f64::NEG_INFINITY),
            float(-1e300),
            integer(i64::MIN),
            float(-2.5),
            integer(-2),
            float(-1.5),
            integer(-1),
            float(-0.5),
            integer(0),
            float(0.5),
            float(1e300),
            float(f64::INFINITY),
        ];
        for (place, a) in ascending.iter().enumerate() {
            for (other, b) in ascending.iter().enumerate() {
                assert_eq!(a.cmp(b), place.cmp(&other), "{a:?} and {b:?}");
            }
        }
    }

    #[test]
    fn names_go_by_bytes_and_kinds_by_their_order() {
        let name = |text: &str| Key::Name(text.as_bytes().to_vec());
        let mut keys = [
            Key::Unordered,
            Key::Object(2),
            Key::Object(1),
            Key::Boolean(true),
            Key::Boolean(false),
            name("é"),
            name("a"),
            name("Z"),
            name("a\0b"),
            name(""),
            Key::Number(Number::Float(0.5)),
            Key::Position(10),
            Key::Position(9),
        ];
        keys.sort();
        let names = ["", "Z", "a", "a\0b", "é"].map(name);
        assert_eq!(keys[..3], [Key::Position(9), Key::Position(10), Key::Number(Number::Float(0.5))]);
        assert_eq!(keys[3..8], names);
        assert_eq!(
            keys[8..],
            [Key::Boolean(false), Key::Boolean(true), Key::Object(1), Key::Object(2), Key::Unordered]
        );
    }
}
