//! One call of a handler from Lua, as far as it is the same for all of them: taking arguments in order, refusing too
//! many, stopping where the user asked for that, the core's time, panics and errors raised at the script's line. It is
//! compiled once, or once for a type, and not for each of hundreds of entries; so the error is kept here, and not
//! handed through them.

use mlua::{Lua, MultiValue, Value};

use super::{Argument, Call, Given, Returned, named_arguments};
use crate::{
    Error, Result,
    guard::guard,
    lua::{cost, raised::raise},
};

/// A handler with its types erased. None where it gave the call up.
pub type Body = dyn Fn(&mut Invocation<'_>) -> Option<()>;

/// A call that is under way.
pub struct Invocation<'a> {
    lua: &'a Lua,
    call: &'a Call,
    /// The arguments that are not taken yet.
    values: &'a mut Given,
    /// How many of the written ones are taken.
    position: usize,
    /// While the handler's closure runs.
    counting: Option<cost::Counting>,
    answer: Result<Answer>,
}

/// What a handler gave: one value without an allocation, as most do.
pub enum Answer {
    One(Value),
    Several(MultiValue),
}

impl Answer {
    /// Its value, or the first of several.
    pub fn one(self) -> Value {
        match self {
            Self::One(value) => value,
            Self::Several(mut values) => values.pop_front().unwrap_or_default(),
        }
    }

    /// All of its values.
    pub fn all(self) -> MultiValue {
        match self {
            Self::One(value) => MultiValue::from_iter([value]),
            Self::Several(values) => values,
        }
    }
}

impl<'a> Invocation<'a> {
    /// Lets a handler take its arguments and answer.
    ///
    /// # Errors
    /// Wrong arguments, the handler's error, its panic: each with the script's line.
    #[inline(never)]
    pub(super) fn run(lua: &'a Lua, call: &'a Call, values: &'a mut Given, body: &Body) -> mlua::Result<Answer> {
        let answer = Ok(Answer::Several(MultiValue::new()));
        let mut invocation = Self { lua, call, values, position: 0, counting: None, answer };
        if let Err(panicked) = guard(call.op(), || Ok(body(&mut invocation))) {
            invocation.answer = invocation.leave().and(Err(panicked));
        }
        invocation.answer.map_err(|error| raise(lua, error))
    }

    /// The next argument. None where it is missing or of another type.
    #[inline(never)]
    pub fn argument<A: Argument>(&mut self) -> Option<A> {
        let (name, place) = (self.call.name(self.position), self.position);
        self.position += usize::from(A::WRITTEN);
        let table = match self.values.get(0) {
            Some(Value::Table(table)) if A::WRITTEN => Some(table.clone()),
            _ => None,
        };
        match (A::take(self.values, self.lua, self.call.op(), name), table) {
            (Ok(argument), _) => Some(argument),
            (Err(error), Some(table)) => self.give_up(named_arguments::in_order(self.call, place, &table, error)),
            (Err(error), None) => self.give_up(error),
        }
    }

    /// All arguments are taken, so the closure may run. None if there are more arguments, or if the user asked to stop.
    pub fn enter(&mut self) -> Option<()> {
        let left = self.values.left();
        if left > 0 {
            let want = format!("at most {}", self.call.count());
            let got = self.call.count() + left;
            return self.give_up(Error::argument(self.call.op(), "the number of arguments", want, got));
        }
        // The hook counts instructions, of which a loop of long operations takes few.
        if self.call.interrupt.should_break(0) {
            return self.give_up(Error::Interrupted);
        }
        self.counting = Some(cost::Counting::begin());
        Some(())
    }

    /// The closure has run: what came of it.
    #[inline(never)]
    pub fn answer<O: Returned>(&mut self, output: Result<O>) {
        self.answer = match self.leave().and(output) {
            Ok(output) if O::SINGLE => output.into_value(self.lua).map(Answer::One).map_err(Error::callback),
            Ok(output) => output.into_values(self.lua).map(Answer::Several).map_err(Error::callback),
            Err(error) => Err(error),
        };
    }

    /// The closure has ended, if it had begun.
    fn leave(&mut self) -> Result<()> {
        if self.counting.take().is_some() { cost::collect_if_due(self.lua) } else { Ok(()) }
    }

    fn give_up<T>(&mut self, error: Error) -> Option<T> {
        self.answer = Err(error);
        None
    }
}
