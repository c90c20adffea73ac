//! NaN and infinities, and whether tensors are equal or nearly so.

use super::{Operand, example::example, operands};
use crate::{
    Result, Tensor,
    lua::api::{Class, Docs},
    tensor::Closeness,
};

pub(super) fn closeness(class: &mut Class<Tensor>, docs: &mut Docs) {
    let mut declare = |name: &str, doc: &str, function: fn(&Tensor) -> Result<Tensor>, is: &str| {
        class.method(docs, name, "", doc, move |t: Tensor| function(&t)).example(example(
            &format!("{name}()"),
            "0 / 0, 1 / 0, 2.0",
            is,
        ));
    };
    declare("isnan", "True where a value is NaN.", Tensor::isnan, "true, false, false");
    declare("isinf", "True where a value is infinite.", Tensor::isinf, "false, true, false");
    declare("isfinite", "True where a value is neither infinite nor NaN.", Tensor::isfinite, "false, false, true");
    class
        .method(
            docs,
            "isclose",
            "other, options",
            "True where |self − other| ≤ atol + rtol · |other|; infinities are near themselves alone. Shapes broadcast.",
            |t: Tensor, other: Operand, within: Closeness| {
                let (left, right) = operands("isclose", Operand::Tensor(t), other)?;
                left.isclose(&right, within)
            },
        )
        .example(
            r"print(mb.tensor({ 1.0, 1.1 }):isclose(1, { rtol = 0.01 }))
--> tensor [2] bool on cpu
--> [true, false]",
        );
    class
        .method(
            docs,
            "allclose",
            "other, options",
            "Whether all of self is near other, as isclose has it: one truth value. Waits for the device.",
            |t: Tensor, other: Operand, within: Closeness| {
                let (left, right) = operands("allclose", Operand::Tensor(t), other)?;
                left.allclose(&right, within)
            },
        )
        .example(
            r"local x = mb.tensor { 1.0, 2.0 }
print(x:allclose(x + 1e-7)) --> true",
        );
    class
        .method(
            docs,
            "equal",
            "other",
            "Whether both have the same shape and equal elements: one truth value. NaN equals nothing. Waits for the \
             device.",
            |t: Tensor, other: Tensor| t.equal(&other),
        )
        .example(r"print(mb.range(1, 3):equal(mb.tensor { 1, 2, 3 })) --> true");
}
