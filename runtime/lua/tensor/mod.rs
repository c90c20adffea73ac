//! The class Tensor: what it is and its fields. Its methods are grouped in the files beside this one.

mod arithmetic;
mod functions;
mod layout;
mod picking;
mod table;
mod values;

use mlua::Value;

pub(super) use arithmetic::{Operand, operands};
pub(super) use table::Tensors;

use super::{api::Api, object::object};
use crate::Tensor;

object!(Tensor, "Tensor", "a tensor");

/// Declares the class.
pub fn declare(api: &mut Api) {
    api.class::<Tensor>(
        "Tensor",
        "An immutable n-dimensional array of float32, int32 or bool, of 0 to 6 dims, on the session's device. \
         Dims and positions count from 1; -1 is the last dim.",
        |class, docs| {
            arithmetic::operators(class, docs);
            arithmetic::methods(class, docs);
            functions::functions(class, docs);
            functions::reductions(class, docs);
            layout::layout(class, docs);
            picking::picking(class, docs);
            values::values(class, docs);
            class.index(|t: &Tensor, position| picking::at(t, position, 0));
            class.fields(
                vec![
                    ("shape", "integer[]", "The size of every dim."),
                    ("rank", "integer", "The number of dims."),
                    ("dtype", "string", "float32, int32 or bool."),
                    ("device", "string", "Where the elements live."),
                    (
                        "classes",
                        "string[]?",
                        "The names of the classes that labels count. None for other tensors, and for labels without names.",
                    ),
                    ("[integer]", "moonburn.Tensor", "The slice at a position of the first dim, as at."),
                ],
                std::rc::Rc::new(|lua, object, name| {
                    let tensor = object.borrow::<Tensor>()?;
                    Ok(Some(match name {
                        "shape" => Value::Table(lua.create_sequence_from(tensor.shape().iter().copied())?),
                        "rank" => Value::Integer(tensor.rank() as i64),
                        "dtype" => Value::String(lua.create_string(tensor.kind().name())?),
                        "classes" => match tensor.class_names() {
                            Some(classes) => Value::Table(lua.create_sequence_from(classes.names().iter().cloned())?),
                            None => Value::Nil,
                        },
                        "device" => Value::String(lua.create_string(tensor.device().name())?),
                        _ => return Ok(None),
                    }))
                }),
            );
        },
    );
}
