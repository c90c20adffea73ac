//! The values that a call gives: the first ones without an allocation, as most calls have no more.

use mlua::{MultiValue, Value};

/// What mlua converts them from: nil where there are fewer.
pub type Written = (Value, Value, Value, MultiValue);

/// The values that no argument has taken yet.
pub struct Given {
    first: [Value; 3],
    taken: usize,
    rest: MultiValue,
}

impl Given {
    pub fn few((a, b, c, rest): Written) -> Self {
        Self { first: [a, b, c], taken: 0, rest }
    }

    /// As many as there are, nil at the end among them.
    pub fn all(values: MultiValue) -> Self {
        Self { first: [const { Value::Nil }; 3], taken: 3, rest: values }
    }

    /// The value at a place, from 0, of those that are left.
    pub fn get(&self, place: usize) -> Option<&Value> {
        let first = &self.first[self.taken..];
        first.get(place).or_else(|| self.rest.get(place - first.len()))
    }

    /// Takes the next one. Nil where there is none.
    pub fn next(&mut self) -> Value {
        match self.first.get_mut(self.taken) {
            Some(value) => {
                self.taken += 1;
                std::mem::take(value)
            }
            None => self.rest.pop_front().unwrap_or_default(),
        }
    }

    /// How many are left, up to the last that is not nil.
    pub fn left(&self) -> usize {
        let all = self.first[self.taken..].iter().chain(&self.rest);
        (1..).zip(all).filter(|(_, value)| !value.is_nil()).last().map_or(0, |(count, _)| count)
    }

    /// Takes all.
    pub fn take_all(&mut self) -> impl Iterator<Item = Value> {
        let first = std::mem::take(&mut self.first).into_iter().skip(std::mem::replace(&mut self.taken, 3));
        first.chain(std::mem::take(&mut self.rest))
    }
}
