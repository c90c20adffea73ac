//! Loops over the batches of a data set.

use std::cell::Cell;

use mlua::{MultiValue, Value};

use super::table::table;
use crate::{
    Error, Result,
    dataset::{BatchesOptions, Dataset},
    lua::{
        api::{Class, Docs, Interpreter, Returned, of_kind},
        context::Context,
        raised::raise,
    },
};

of_kind!(
    /// What a loop over batches goes by.
    Batches,
    "fun(): table<string, moonburn.Tensor>"
);

/// Declares the method.
pub fn declare(class: &mut Class<Dataset>, docs: &mut Docs) {
    class
        .method(
            docs,
            "batches",
            "options",
            "Iterates over batches: for batch in data:batches { batch = 32 } do … end is a pass from the first item to \
             the last that there are when it begins. With shuffle = true it goes on with the set's own order to the end of the epoch: a loop that was \
             left, by a resumption or by break, goes on where it stood. In a training take each batch after its step \
             has begun, by data:next or by a call of what this returns.",
            batches,
        )
        .example(
            r"session.data = mb.data.from { x = mb.range(1, 10) }
for epoch = 1, 2 do
  local sum = 0
  for batch in session.data:batches { batch = 4, shuffle = true } do sum = sum + batch.x:sum():item() end
  print(epoch, sum)
end
--> 1 55
--> 2 55",
        );
}

fn batches(lua: Interpreter, context: Context, set: Dataset, options: BatchesOptions) -> Result<Batches> {
    const OP: &str = "batches";
    let BatchesOptions { batch, shuffle, drop_last } = options;
    if shuffle {
        set.check_order(OP)?;
    }
    if drop_last {
        set.check_batch(OP, "batch", batch)?;
    }
    // Once a set is full, each item that is added moves all others by one.
    let set = if shuffle { set } else { set.as_it_is() };
    let (place, has_begun) = (Cell::new(0_usize), Cell::new(false));
    let following = move || -> Result<_> {
        if shuffle {
            let found = set.rest_of_epoch(OP, batch, drop_last)?;
            // A loop that begins where an epoch has just ended, as after a resumption, goes through the next one.
            let is_first = !has_begun.replace(true);
            return if found.is_none() && is_first { set.rest_of_epoch(OP, batch, drop_last) } else { Ok(found) };
        }
        let from = place.get();
        let to = from.saturating_add(batch).min(set.len());
        if from >= to || drop_last && to - from < batch {
            return Ok(None);
        }
        place.set(to);
        set.in_order(OP, from, to, context.seed).map(Some)
    };
    let next = lua.0.create_function(move |lua, _: MultiValue| {
        let batch = following().and_then(|batch| batch.map(|batch| table(lua, batch)).transpose());
        match batch.map_err(|error| raise(lua, error))? {
            Some(batch) => batch.into_value(lua),
            None => Ok(Value::Nil),
        }
    });
    next.map(Batches::from).map_err(Error::callback)
}
