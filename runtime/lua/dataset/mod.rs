//! The class Dataset: data sets of named tensors, or of items that a function computes.

mod batches;
mod draw;
mod items;
mod table;

use mlua::Value;

use super::{
    api::{Api, Class, Docs, Interpreter},
    context::Context,
    literal,
    object::object,
    order::objects,
    position::Position,
    tensor::Tensors,
};
use crate::{
    Error, Result,
    dataset::{Dataset, DatasetOptions, SampleOptions},
    position::number,
};

use items::{Item, ItemSource};
use table::table;

object!(Dataset, "Dataset", "a data set");

/// Declares the function and the classes.
pub fn declare(api: &mut Api) {
    api.function(
        "data.from",
        "source, options",
        "A data set of named tensors, { x = …, y = … }, with a row for each item; of any formats and shapes. With a \
         capacity it grows: data:append and data:extend add items, and once it is full the newest take the place of the \
         oldest; checkpoints hold what is in it. Or of a function(index, draw) that computes an item, a table of \
         tensors, numbers or lists by name, with { count = … }: the same item has the same random numbers of draw \
         whenever it is drawn at the same place of a training.",
        |lua: Interpreter, cx: Context, source: ItemSource, options: DatasetOptions| match source {
            ItemSource::Tensors(tensors) => Dataset::of_tensors("from", tensors, options),
            ItemSource::Function(function) => {
                Dataset::of_items("from", items::computed(&lua.0, function), &cx.device, options)
            }
        },
    )
    .example(
        r#"local x = mb.linspace(-3, 3, 100):unsqueeze(2)
session.waves = mb.data.from { x = x, y = x:sin() }
local batch = session.waves:next(8)
print(#session.waves, table.concat(batch.y.shape, " x ")) --> 100 8 x 1"#,
    );
    api.class::<Dataset>("Dataset", "A data set of named tensors. A batch is a table of them.", |class, docs| {
        class.example(
            r#"session.points = mb.data.from { at = mb.randn(20, 2), label = mb.randint(1, 3, { 20 }) }
for batch in session.points:batches { batch = 8 } do print(#batch.at, #batch.label) end
--> 8 8
--> 8 8
--> 4 4"#,
        );
        drawing(class, docs);
        batches::declare(class, docs);
        growing(class, docs);
        sizes(class, docs);
    });
    draw::declare(api);
}

fn drawing(class: &mut Class<Dataset>, docs: &mut Docs) {
    class
        .method(
            docs,
            "next",
            "count",
            "The next items of an order that is shuffled anew each epoch, as a table of tensors. Items at the end of an \
             epoch that are too few for a batch are passed over. A checkpoint, a rewind and a fork keep the place.",
            |lua: Interpreter, set: Dataset, count: usize| table(&lua.0, set.next(count)?),
        )
        .example(
            r"session.numbers = mb.data.from { x = mb.range(1, 10) }
for _ = 1, 3 do
  local batch = session.numbers:next(4)
  print(session.numbers:epoch(), #batch.x)
end
--> 1 4
--> 1 4
--> 2 4",
        );
    class
        .method(
            docs,
            "sample",
            "count, options",
            "Random items, each as likely as any other, by default with replacement. Keyed by the seed, the set's name, \
             the step and the number of such calls in it.",
            |lua: Interpreter, cx: Context, set: Dataset, count: usize, options: SampleOptions| {
                table(&lua.0, set.sample(count, options.replacement, cx.seed, cx.next_draw("sample"))?)
            },
        )
        .example(
            r"local data = mb.data.from { x = mb.range(1, 5) }
print(#data:sample(32).x) --> 32
print(data:sample(5, { replacement = false }).x:sum():item()) --> 15",
        );
    class
        .method(
            docs,
            "pick",
            "positions",
            "The items at these positions, a list or int tensor [B] from 1. Of a set that grows 1 is the oldest.",
            |lua: Interpreter, cx: Context, set: Dataset, positions: Value| {
                let positions = literal::positions("pick", positions, &cx.device)?;
                let given = positions.ints("pick")?.into_iter().map(|position| {
                    let (got, range) = (number(position), "positions count from 1".into());
                    usize::try_from(position).map_err(|_| Error::OutOfRange { op: "pick", what: "item", got, range })
                });
                table(&lua.0, set.pick(&given.collect::<Result<Vec<_>>>()?, cx.seed, cx.next_draw("pick"))?)
            },
        )
        .example(
            r"local data = mb.data.from { x = mb.tensor { 0.5, 1.5, 2.5 } }
print(data:pick({ 3, 1 }).x)
--> tensor [2] float32 on cpu
--> [2.5000, 0.5000]",
        );
}

fn growing(class: &mut Class<Dataset>, docs: &mut Docs) {
    class
        .method(
            docs,
            "append",
            "item",
            "Adds an item to a set with a capacity: a table of tensors, numbers, booleans or lists by name. The first \
             item says which, in which shapes and formats; later numbers take its formats.",
            |cx: Context, set: Dataset, item: Item| set.extend("append", item.into_row(&cx.device)?),
        )
        .example(
            r"session.replay = mb.data.from({}, { capacity = 3 })
for step = 1, 5 do session.replay:append { state = mb.full({ 2 }, step), reward = 0.5 } end
print(#session.replay, session.replay:tensors().reward)
--> 3 tensor [3] float32 on cpu
--> [0.5000, 0.5000, 0.5000]",
        );
    class
        .method(
            docs,
            "extend",
            "items",
            "Adds several items to a set with a capacity: a table of tensors with a row for each.",
            |set: Dataset, items: Tensors| set.extend("extend", items.named("extend", "items")?),
        )
        .example(
            r"local data = mb.data.from({ x = mb.range(1, 3) }, { capacity = 4 })
data:extend { x = mb.range(4, 6) }
print(data:tensors().x)
--> tensor [4] int32 on cpu
--> [3, 4, 5, 6]",
        );
    class
        .method(
            docs,
            "tensors",
            "",
            "Every item, as a table of tensors in order; of a set that grows the oldest first. The items of a function \
             are an error.",
            |lua: Interpreter, set: Dataset| table(&lua.0, set.tensors()?),
        )
        .example(
            r"local data = mb.data.from { x = mb.range(1, 3) }
print(data:tensors().x:sum():item()) --> 6",
        );
}

fn sizes(class: &mut Class<Dataset>, docs: &mut Docs) {
    class
        .operator(docs, "__len", "The number of items.", |set: Dataset, _: Value| Ok(set.len()))
        .example(r"print(#mb.data.from { x = mb.zeros(7, 2) }) --> 7");
    class
        .method(docs, "count", "", "The number of items, as #set.", |set: Dataset| Ok(set.len()))
        .example(r"print(mb.data.from({ x = mb.zeros(7, 2) }):count()) --> 7");
    class
        .method(
            docs,
            "steps",
            "batch",
            "How many batches an epoch has; a last batch of fewer items does not count. A batch of more items than the \
             set has is an error.",
            |set: Dataset, batch: usize| {
                set.check_batch("steps", "batch", batch)?;
                Ok(set.len() / batch)
            },
        )
        .example(r"print(mb.data.from({ x = mb.zeros(20, 2) }):steps(8)) --> 2");
    class
        .method(docs, "epoch", "", "The epoch that the order has come to, from 1.", |set: Dataset| {
            Ok(Position(set.epoch() as usize))
        })
        .example(
            r"session.data = mb.data.from { x = mb.range(1, 20) }
while session.data:epoch() < 3 do session.data:next(10) end
print(session.data:epoch()) --> 3",
        );
}

/// A data set that an object holds, if it does.
pub(super) fn of_object(object: &mlua::AnyUserData) -> Option<Dataset> {
    objects::borrow::<Dataset>(object).ok().map(|set| set.clone())
}
