//! The class Draw: the random numbers of one item of a data set.

use std::{cell::RefCell, rc::Rc};

use mlua::Value;

use crate::{
    Error, Result, Tensor,
    lua::{
        api::{Api, Rest},
        context::Context,
        literal,
        object::object,
    },
    memory,
    rng::Draws,
    tensor::size,
};

/// The random numbers of an item, in order.
#[derive(Clone)]
pub struct Draw(Rc<RefCell<Draws>>);

object!(Draw, "Draw", "the random numbers of an item");

impl Draw {
    pub fn new(draws: Draws) -> Self {
        Self(Rc::new(draws.into()))
    }

    /// A tensor of float32 numbers.
    fn tensor(&self, op: &'static str, cx: &Context, sizes: Vec<Value>, draw: fn(&mut Draws) -> f32) -> Result<Tensor> {
        let sizes = literal::shape(op, sizes)?;
        let count = size::product(op, "the number of values", &sizes)?;
        let mut values = memory::list(op, count)?;
        let mut draws = self.0.borrow_mut();
        values.extend((0..count).map(|_| draw(&mut draws)));
        Tensor::from_floats(values, &sizes, &cx.device)
    }
}

/// Declares the class.
pub fn declare(api: &mut Api) {
    let doc = "The random numbers of one item of a data set, which mb.data.from hands to its function: those of the \
               seed, the set's name, the item's index, and the epoch, or the step and call that drew it.";
    api.class::<Draw>("Draw", doc, |class, docs| {
        class.example(
            r"session.tasks = mb.data.from(function(index, draw)
  local phase, x = draw:uniform(0, math.pi), draw:rand(10, 1) * 10 - 5
  return { x = x, y = (x + phase):sin() }
end, { count = 1000 })
print(table.concat(session.tasks:next(4).y.shape, ' x ')) --> 4 x 10 x 1",
        );
        class
            .method(
                docs,
                "uniform",
                "low, high",
                "A uniform number from low up to, but without, high; from 0 to 1 by default.",
                |draw: Draw, low: Option<f64>, high: Option<f64>| {
                    let (low, high) = (low.unwrap_or(0.0), high.unwrap_or(1.0));
                    Ok(low + (high - low) * f64::from(draw.0.borrow_mut().uniform()))
                },
            )
            .example(
                r"session.data = mb.data.from(function(_, draw) return { x = draw:uniform(2, 3) } end, { count = 5 })
local x = session.data:next(5).x
print(x:min():item() >= 2, x:max():item() < 3) --> true true",
            );
        class
            .method(
                docs,
                "normal",
                "mean, std",
                "A normal number; of mean 0 and standard deviation 1 by default.",
                |draw: Draw, mean: Option<f64>, std: Option<f64>| {
                    Ok(mean.unwrap_or(0.0) + std.unwrap_or(1.0) * f64::from(draw.0.borrow_mut().normal()))
                },
            )
            .example(
                r"session.data = mb.data.from(function(_, draw) return { x = draw:normal(5, 0) } end, { count = 5 })
print(session.data:next(1).x:item()) --> 5.0",
            );
        class
            .method(
                docs,
                "randint",
                "first, last",
                "An integer from first to last, both included.",
                |draw: Draw, first: i64, last: i64| {
                    let range = last.checked_sub(first).and_then(|range| u32::try_from(range).ok());
                    let Some(count) = range.and_then(|range| range.checked_add(1)) else {
                        let want = format!("from first, {first}, and less than 2^32 - 1 beyond");
                        return Err(Error::argument("randint", "last", want, last));
                    };
                    Ok(first + i64::from(draw.0.borrow_mut().below(count)))
                },
            )
            .example(
                r"session.data = mb.data.from(function(_, draw) return { x = draw:randint(7, 7) } end, { count = 5 })
print(session.data:next(2).x)
--> tensor [2] int32 on cpu
--> [7, 7]",
            );
        class
            .method(
                docs,
                "rand",
                "sizes",
                "A tensor of uniform numbers from 0 up to, but without, 1. Takes numbers or one list.",
                |cx: Context, draw: Draw, sizes: Rest<Value>| draw.tensor("rand", &cx, sizes.0, Draws::uniform),
            )
            .example(
                r"session.data = mb.data.from(function(_, draw) return { x = draw:rand(3) } end, { count = 5 })
print(table.concat(session.data:next(2).x.shape, ' x ')) --> 2 x 3",
            );
        class
            .method(
                docs,
                "randn",
                "sizes",
                "A tensor of normal numbers of mean 0 and standard deviation 1. Takes numbers or one list.",
                |cx: Context, draw: Draw, sizes: Rest<Value>| draw.tensor("randn", &cx, sizes.0, Draws::normal),
            )
            .example(
                r"session.data = mb.data.from(function(_, draw) return { x = draw:randn(2, 3) } end, { count = 5 })
print(table.concat(session.data:next(4).x.shape, ' x ')) --> 4 x 2 x 3",
            );
    });
}
