//! One call of a handler from Lua, as far as it is the same for all of them: taking arguments in order, refusing too
//! many, stopping where the user asked for that, the core's time, panics and errors raised at the script's line. It is
//! compiled once, or once for a type, and not for each of hundreds of entries; so the error is kept here, and not
//! handed through them.

use mlua::{Lua, MultiValue};

use super::{Argument, Call, Returned};
use crate::{
    Error, Result,
    guard::guard,
    lua::{context::Context, cost, raised::raise},
};

/// A handler with its types erased. None where it gave the call up.
pub type Body = dyn Fn(&mut Invocation<'_>) -> Option<()>;

/// A call that is under way.
pub struct Invocation<'a> {
    lua: &'a Lua,
    call: &'a Call,
    /// The arguments that are not taken yet.
    values: MultiValue,
    /// How many of the written ones are taken.
    position: usize,
    /// While the handler's closure runs.
    counting: Option<cost::Counting>,
    answer: Result<MultiValue>,
}

impl<'a> Invocation<'a> {
    /// Lets a handler take its arguments and answer.
    ///
    /// # Errors
    /// Wrong arguments, the handler's error, its panic: each with the script's line.
    #[inline(never)]
    pub(super) fn run(lua: &'a Lua, call: &'a Call, values: MultiValue, body: &Body) -> mlua::Result<MultiValue> {
        let answer = Ok(MultiValue::new());
        let mut invocation = Self { lua, call, values, position: 0, counting: None, answer };
        if let Err(panicked) = guard(call.op(), || Ok(body(&mut invocation))) {
            invocation.answer = invocation.leave().and(Err(panicked));
        }
        invocation.answer.map_err(|error| raise(lua, error))
    }

    /// The next argument. None where it is missing or of another type.
    #[inline(never)]
    pub fn argument<A: Argument>(&mut self) -> Option<A> {
        let name = self.call.name(self.position);
        self.position += usize::from(A::WRITTEN);
        match A::take(&mut self.values, self.lua, self.call.op(), name) {
            Ok(argument) => Some(argument),
            Err(error) => self.give_up(error),
        }
    }

    /// All arguments are taken, so the closure may run. None if there are more arguments, or if the user asked to stop.
    pub fn enter(&mut self) -> Option<()> {
        if !self.values.is_empty() && self.values.iter().any(|value| !value.is_nil()) {
            let want = format!("at most {}", self.call.count());
            let got = self.call.count() + self.values.len();
            return self.give_up(Error::argument(self.call.op(), "the number of arguments", want, got));
        }
        // The hook counts instructions, of which a loop of long operations takes few.
        if self.lua.app_data_ref::<Context>().is_some_and(|context| context.interrupt.should_break(0)) {
            return self.give_up(Error::Interrupted);
        }
        self.counting = Some(cost::Counting::begin());
        Some(())
    }

    /// The closure has run: what came of it.
    #[inline(never)]
    pub fn answer<O: Returned>(&mut self, output: Result<O>) {
        self.answer = match self.leave().and(output) {
            Ok(output) => output.into_values(self.lua).map_err(Error::callback),
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
