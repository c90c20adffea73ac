//! The class Tensor: what it is and its fields. Its methods are grouped in the files beside this one.

mod activations;
mod arithmetic;
mod bounds;
mod closeness;
mod counting;
mod cumulative;
mod elementwise;
mod example;
mod functions;
mod indexing;
mod layout;
mod on_tape;
mod order;
mod parts;
mod picking;
mod products;
mod random;
mod rearranging;
mod reductions;
mod table;
mod values;
mod writing;

pub(super) use arithmetic::{Operand, operands};
pub(super) use table::{Named, Tensors, named};

use super::{api::Api, object::object};
use crate::Tensor;

object!(Tensor, "Tensor", "a tensor");

/// Declares the class.
pub fn declare(api: &mut Api) {
    api.class::<Tensor>(
        "Tensor",
        "An n-dimensional array of floats, ints or truth values, of 0 to 6 dims, on the session's device. \
         Dims and positions count from 1; -1 is the last dim.",
        |class, docs| {
            arithmetic::operators(class, docs);
            arithmetic::methods(class, docs);
            products::products(class, docs);
            functions::functions(class, docs);
            reductions::reductions(class, docs);
            reductions::positions(class, docs);
            cumulative::cumulative(class, docs);
            order::order(class, docs);
            order::quantiles(class, docs);
            counting::counting(class, docs);
            elementwise::elementwise(class, docs);
            elementwise::pairs(class, docs);
            bounds::bounds(class, docs);
            activations::activations(class, docs);
            closeness::closeness(class, docs);
            random::random(class, docs);
            layout::layout(class, docs);
            rearranging::rearranging(class, docs);
            rearranging::around(class, docs);
            picking::picking(class, docs);
            indexing::indexing(class, docs);
            parts::parts(class, docs);
            writing::scattering(class, docs);
            writing::writing(class, docs);
            values::values(class, docs);
            on_tape::on_tape(class, docs);
            class
                .sizes("shape", "The size of every dim.", Tensor::shape)
                .field("rank", "The number of dims.", |t: &Tensor| Ok(t.rank()))
                .field("dtype", "float32, float64, float16, bfloat16, int32, int64, uint8 or bool.", |t| {
                    Ok(t.dtype().name())
                })
                .field("device", "Where the elements live.", |t| Ok(t.device().name().to_owned()))
                .field(
                    "classes",
                    "The names of the classes that labels count. None for other tensors, and for labels without names.",
                    |t| Ok(t.class_names().map(|classes| classes.names().to_vec())),
                )
                .index("The slice at a position of the first dim, as t:index(1, position).", |t, position| {
                    picking::at(t, position, 0)
                });
        },
    );
    counting::searching(api);
}
