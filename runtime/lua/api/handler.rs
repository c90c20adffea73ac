//! Rust closures as handlers of calls from Lua: the types of their arguments and results, and nothing else, since this
//! is compiled for each closure.

use std::rc::Rc;

use super::{
    Argument, Docs, Returned,
    invocation::{Body, Invocation},
};
use crate::Result;

/// A closure whose arguments and result all convert. `A` is the tuple of its arguments.
pub trait Handler<A> {
    /// What it takes and returns.
    fn signature(&self) -> &'static Signature;

    /// Takes the arguments, calls the closure and gives its answer. None where the call had to be given up before.
    fn call(&self, invocation: &mut Invocation<'_>) -> Option<()>;
}

/// What a handler takes and returns.
pub struct Signature {
    taken: &'static [Taken],
    /// Whether the last argument takes all values that are left.
    pub takes_rest: bool,
    /// Whether it returns one value, however it ends.
    pub is_single: bool,
    /// The LuaLS type returned.
    pub returns: fn() -> String,
}

impl Signature {
    /// The arguments that a caller writes.
    pub fn written(&self) -> impl Iterator<Item = &'static Taken> {
        self.taken.iter().filter(|taken| taken.is_written)
    }
}

/// An argument of a handler.
pub struct Taken {
    /// Its LuaLS type.
    pub kind: fn(&mut Docs) -> String,
    pub is_optional: bool,
    is_written: bool,
}

/// A handler with its types erased.
pub struct Erased {
    pub signature: &'static Signature,
    pub body: Rc<Body>,
}

impl Erased {
    pub fn new<A>(handler: impl Handler<A> + 'static) -> Self {
        Self { signature: handler.signature(), body: Rc::new(move |invocation| handler.call(invocation)) }
    }
}

macro_rules! handlers {
    ($($argument:ident)*) => {
        impl<Closure, Output, $($argument,)*> Handler<($($argument,)*)> for Closure
        where
            Closure: Fn($($argument),*) -> Result<Output>,
            Output: Returned,
            $($argument: Argument,)*
        {
            fn signature(&self) -> &'static Signature {
                const {
                    &Signature {
                        taken: &[$(Taken {
                            kind: $argument::kind,
                            is_optional: $argument::OPTIONAL,
                            is_written: $argument::WRITTEN,
                        },)*],
                        takes_rest: false $(|| $argument::REST)*,
                        is_single: Output::SINGLE,
                        returns: Output::kind,
                    }
                }
            }

            #[allow(non_snake_case, reason = "one variable per argument type")]
            fn call(&self, invocation: &mut Invocation<'_>) -> Option<()> {
                $(let $argument = invocation.argument::<$argument>()?;)*
                invocation.enter()?;
                invocation.answer(self($($argument),*));
                Some(())
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
