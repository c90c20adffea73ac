//! The class Draw: the random numbers of a function that stands in a chain.

use std::rc::Rc;

use mlua::Value;

use crate::{
    lua::{
        api::{Api, Rest},
        literal,
        object::object,
    },
    views::RowDraws,
};

/// The draws of the views of a batch.
#[derive(Clone)]
pub struct Draw(Rc<RowDraws>);

object!(Draw, "Draw", "draws");

impl Draw {
    /// The draws of some views.
    pub(super) fn new(draws: RowDraws) -> Self {
        Self(Rc::new(draws))
    }
}

/// The sizes behind the batch's.
fn sizes(op: &'static str, values: Vec<Value>) -> crate::Result<Vec<usize>> {
    if values.is_empty() { Ok(Vec::new()) } else { literal::shape(op, values) }
}

/// Declares the class.
pub(super) fn declare(api: &mut Api) {
    const SIZES: &str = "Sizes are numbers or one list; without any there is one number for each image.";
    api.class::<Draw>(
        "Draw",
        "Random numbers for a function in a chain of augmentations, each a function of the seed, the step and its image's \
         view: the same in any batch, on any device. Each call draws others.",
        |class, docs| {
            class.example(
                r"local function darker(images, draw)
  return images * draw:uniform(0.2, 1, 1, 1, 1) -- [B, 1, 1, 1]: one factor for each image
end
local images = mb.ones(4, 3, 8, 8)
local made = mb.augment.chain({ darker }):apply(images, 1)
print(made:amax({ 2, 3, 4 }):equal(made:amin({ 2, 3, 4 })), made:max():item() < 1) --> true true",
            );
            class
                .method(
                    docs,
                    "uniform",
                    "low, high, sizes",
                    &format!("Uniform floats from low to high: [B, sizes…]. {SIZES}"),
                    |draw: Draw, low: f64, high: f64, rest: Rest<Value>| {
                        draw.0.uniform(low, high, &sizes("uniform", rest.0)?)
                    },
                )
                .example(
                    r"local function f(images, draw)
  print(table.concat(draw:uniform(0, 1, 2, 5).shape, ' x '))
  return images
end
mb.augment.chain({ f }):apply(mb.ones(4, 3, 8, 8)) --> 4 x 2 x 5",
                );
            class
                .method(
                    docs,
                    "normal",
                    "mean, std, sizes",
                    &format!("Normal floats of a mean and a standard deviation: [B, sizes…]. {SIZES}"),
                    |draw: Draw, mean: f64, std: f64, rest: Rest<Value>| {
                        draw.0.normal(mean, std, &sizes("normal", rest.0)?)
                    },
                )
                .example(
                    r"local function noisy(images, draw) return images + draw:normal(0, 0.1, images.shape[2], 8, 8) end
print(mb.augment.chain({ noisy }):apply(mb.zeros(4, 3, 8, 8), 1):std():item() > 0.05) --> true",
                );
            class
                .method(
                    docs,
                    "integer",
                    "low, high, sizes",
                    &format!("Whole numbers from low to high, both included: int [B, sizes…]. {SIZES}"),
                    |draw: Draw, low: i64, high: i64, rest: Rest<Value>| {
                        draw.0.integer(low, high, &sizes("integer", rest.0)?)
                    },
                )
                .example(
                    r"local function f(images, draw)
  local drawn = draw:integer(1, 6)
  print(#drawn, drawn:min():item() >= 1, drawn:max():item() <= 6)
  return images
end
mb.augment.chain({ f }):apply(mb.ones(4, 3, 8, 8)) --> 4 true true",
                );
            class
                .method(
                    docs,
                    "chance",
                    "p, sizes",
                    &format!("Whether what has the probability p happens: bool [B, sizes…]. {SIZES}"),
                    |draw: Draw, p: f64, rest: Rest<Value>| draw.0.chance(p, &sizes("chance", rest.0)?),
                )
                .example(
                    r"local function inverted(images, draw)
  return mb.where(draw:chance(0.5, 1, 1, 1), 1 - images, images)
end
local made = mb.augment.chain({ inverted }):apply(mb.ones(100, 3, 8, 8), 1):mean():item()
print(made > 0.3 and made < 0.7) --> true",
                );
            class
                .operator(docs, "__len", "The number of images, B.", |draw: Draw, _: Value| Ok(draw.0.count()))
                .example(
                    r"local function f(images, draw)
  print(#draw == #images)
  return images
end
mb.augment.chain({ f }):apply(mb.ones(4, 3, 8, 8)) --> true",
                );
        },
    );
}
