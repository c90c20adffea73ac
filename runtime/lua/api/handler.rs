//! Rust closures as Lua callbacks: arguments taken in order, panics and errors raised at the script's line.

use mlua::{Lua, MultiValue};

use super::{Argument, Call, Docs, Returned};
use crate::{
    Error, Result,
    guard::guard,
    lua::{context::Context, cost, error::raise},
};

/// A closure whose arguments and result all convert. `A` is the tuple of its arguments.
pub trait Handler<A> {
    /// The LuaLS type of each written argument and whether it is optional; the type returned.
    fn describe(&self, docs: &mut Docs) -> (Vec<(String, bool)>, String);

    /// Checks and converts the arguments, and calls the closure.
    ///
    /// # Errors
    /// Wrong arguments, the closure's error, its panic: each with the script's line.
    fn call(&self, lua: &Lua, call: &Call, values: MultiValue) -> mlua::Result<MultiValue>;
}

/// Breaks the script off before a call where the user asked for that.
fn stop_if_asked(lua: &Lua) -> mlua::Result<()> {
    let is_asked = lua.app_data_ref::<Context>().is_some_and(|context| context.interrupt.should_break(0));
    if is_asked { Err(raise(lua, Error::Interrupted)) } else { Ok(()) }
}

macro_rules! handlers {
    ($($argument:ident)*) => {
        impl<Closure, Output, $($argument,)*> Handler<($($argument,)*)> for Closure
        where
            Closure: Fn($($argument),*) -> Result<Output>,
            Output: Returned,
            $($argument: Argument,)*
        {
            #[allow(unused_mut, unused_variables, reason = "a handler without arguments pushes nothing")]
            fn describe(&self, docs: &mut Docs) -> (Vec<(String, bool)>, String) {
                let mut kinds = Vec::new();
                $(if $argument::WRITTEN {
                    kinds.push(($argument::kind(docs), $argument::OPTIONAL));
                })*
                (kinds, Output::kind())
            }

            #[allow(non_snake_case, unused_mut, unused_variables, unused_assignments, reason = "one variable per argument type")]
            fn call(&self, lua: &Lua, call: &Call, mut values: MultiValue) -> mlua::Result<MultiValue> {
                let mut position = 0;
                $(
                    let taken = guard(call.op(), || $argument::take(&mut values, lua, call.op(), call.name(position)));
                    let $argument = taken.map_err(|error| raise(lua, error))?;
                    position += usize::from($argument::WRITTEN);
                )*
                if !values.is_empty() && values.iter().any(|value| !value.is_nil()) {
                    let want = format!("at most {}", call.count());
                    let got = call.count() + values.len();
                    return Err(raise(lua, Error::argument(call.op(), "the number of arguments", want, got)));
                }
                // The hook counts instructions, of which a loop of long operations takes few.
                stop_if_asked(lua)?;
                let output = cost::counted(|| guard(call.op(), || self($($argument),*)));
                cost::collect_if_due(lua).map_err(|error| raise(lua, error))?;
                match output {
                    Ok(output) => output.into_values(lua),
                    Err(error) => Err(raise(lua, error)),
                }
            }
        }
    };
}

handlers!();
handlers!(A);
handlers!(A B);
handlers!(A B C);
handlers!(A B C D);
handlers!(A B C D E);
handlers!(A B C D E F);
handlers!(A B C D E F G);
