//! Values of flags, as the command line refuses them: in words of its own, whatever reads them.

use std::{ffi::OsStr, marker::PhantomData, str::FromStr};

use clap::{
    Arg, Command, Parser,
    builder::{PossibleValue, TypedValueParser},
};
use moonburn::{Error, message, options::Choice};

/// A whole number.
pub fn whole<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| "must be a whole number of 0 or more that is not too large".into())
}

/// A whole number over 0.
pub fn positive(text: &str) -> Result<u64, String> {
    whole(text).ok().filter(|number| *number > 0).ok_or_else(|| "must be a whole number over 0".into())
}

/// Steps of a short training.
pub fn few(text: &str) -> Result<u64, String> {
    whole(text).ok().filter(|steps| *steps <= 1000).ok_or_else(|| "must be a whole number from 0 to 1000".into())
}

/// A number of pictures, at most so many.
pub fn pictures<const MOST: usize>(text: &str) -> Result<usize, String> {
    let number = whole(text).ok().filter(|number| (1..=MOST).contains(number));
    number.ok_or_else(|| format!("must be a whole number from 1 to {MOST}"))
}

/// What the library reads from text.
pub fn parsed<T: FromStr<Err = Error>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: Error| match error {
        Error::Argument { want, .. } => format!("must be {want}"),
        error => error.reason(),
    })
}

/// A choice among names, which completions and the help list.
#[derive(Clone, Copy)]
pub struct OneOf<T>(PhantomData<fn() -> T>);

/// Reads one.
pub fn one_of<T>() -> OneOf<T> {
    OneOf(PhantomData)
}

impl<T: Choice + FromStr<Err = Error> + Clone + Send + Sync> TypedValueParser for OneOf<T> {
    type Value = T;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<T, clap::Error> {
        parsed::<T>.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(T::NAMES.iter().map(PossibleValue::new)))
    }
}

/// An option of a script and its value.
pub fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.into(), value.into())),
        _ => Err("must be KEY=VALUE".into()),
    }
}

/// What is wrong with the command line, where an argument has something in it that a terminal would obey, or that is
/// too long: what would be wrong with it as it is shown.
pub fn shown<T: Parser>(error: clap::Error) -> clap::Error {
    let shown = std::env::args_os().map(|argument| message::bytes(argument.as_encoded_bytes()));
    T::try_parse_from(shown).err().unwrap_or(error)
}
