//! Core values as Lua objects, each with a number: it gets the next one when it is made, so that a program that is run
//! again finds its objects in the same order. The number lies beside the value. A user value of Lua would cost a table
//! for each object.

use std::{
    any::TypeId,
    cell::{Cell, RefCell},
    collections::HashMap,
    ops::Deref,
};

use mlua::{AnyUserData, Lua, UserDataRef};

/// What a Lua object holds.
pub struct Object<T> {
    number: u64,
    value: T,
}

/// The value of a Lua object, borrowed.
pub struct Borrowed<T: 'static>(UserDataRef<Object<T>>);

impl<T> Deref for Borrowed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

type Number = fn(&AnyUserData) -> Option<u64>;

thread_local! {
    /// How many objects there were. A VM stays on its thread, so its own ones have ascending numbers.
    static MADE: Cell<u64> = const { Cell::new(0) };
    /// What reads the number, by the type of the object.
    static NUMBERS: RefCell<HashMap<TypeId, Number>> = RefCell::default();
}

/// Makes the Lua object of a value. Every object of the runtime is made here.
///
/// # Errors
/// Lua has no memory.
pub fn create<T: 'static>(lua: &Lua, value: T) -> mlua::Result<AnyUserData> {
    let number = MADE.get() + 1;
    MADE.set(number);
    lua.create_any_userdata(Object { number, value })
}

/// How many objects the calling thread has made.
pub fn made() -> u64 {
    MADE.get()
}

/// The value of an object.
///
/// # Errors
/// It is of another type.
pub fn borrow<T: 'static>(object: &AnyUserData) -> mlua::Result<Borrowed<T>> {
    object.borrow::<Object<T>>().map(Borrowed)
}

/// Takes the value out of an object. Another one is in its place until [`put`] gives it back.
///
/// # Errors
/// It is of another type; somebody has borrowed it.
pub fn take<T: Clone + 'static>(object: &AnyUserData, meanwhile: &T) -> mlua::Result<T> {
    let mut borrowed = object.borrow_mut::<Object<T>>()?;
    Ok(std::mem::replace(&mut borrowed.value, meanwhile.clone()))
}

/// Puts a value into an object.
///
/// # Errors
/// As [`take`].
pub fn put<T: 'static>(object: &AnyUserData, value: T) -> mlua::Result<()> {
    object.borrow_mut::<Object<T>>()?.value = value;
    Ok(())
}

/// Whether an object's value is of this type.
pub fn is<T: 'static>(object: &AnyUserData) -> bool {
    object.is::<Object<T>>()
}

/// Lets the numbers of objects of this type be found.
pub fn know<T: 'static>() {
    let number: Number = |object| object.borrow::<Object<T>>().ok().map(|object| object.number);
    NUMBERS.with_borrow_mut(|numbers| numbers.insert(TypeId::of::<Object<T>>(), number));
}

/// The number of an object; none where somebody else made it.
pub fn number(object: &AnyUserData) -> Option<u64> {
    let number = NUMBERS.with_borrow(|numbers| numbers.get(&object.type_id()?).copied());
    number.and_then(|number| number(object))
}
