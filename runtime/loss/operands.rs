//! What losses take, checked: tensors of one shape, rows, truth values, signs, weights that broadcast.

use crate::{
    Error, Result, Tensor,
    tensor::{DType, Kind, format_shape},
};

/// An error unless both have one shape. PyTorch lets some of these losses broadcast, with a warning, since [N, 1] and [N]
/// would give [N, N] losses.
pub(super) fn want_same_shape(op: &'static str, left: &Tensor, right: &Tensor) -> Result<()> {
    if left.shape() == right.shape() {
        return Ok(());
    }
    Err(Error::Shapes { op, left: left.shape().to_vec(), right: right.shape().to_vec() })
}

/// The sizes of embeddings `[N, d]`.
pub(super) fn rows(op: &'static str, z: &Tensor) -> Result<[usize; 2]> {
    z.want_float(op)?;
    z.shape().try_into().map_err(|_| wants_rows(op, "wants rows [N, d]".into(), z))
}

pub(super) fn wants_rows(op: &'static str, want: String, z: &Tensor) -> Error {
    Error::Shape { op: op.into(), want, got: z.shape().to_vec() }
}

/// Truth values for each element of `input`, as floats of its format. Ints are refused: labels count from 1, and would
/// be taken for 0 and 1.
pub(super) fn truths(op: &'static str, input: &Tensor, target: &Tensor) -> Result<Tensor> {
    input.want_float(op)?;
    want_same_shape(op, input, target)?;
    match target.kind() {
        Kind::Int => Err(Error::Kind { op, want: "float32 or bool", got: target.dtype().name() }),
        Kind::Float => Ok(target.clone()),
        Kind::Bool => target.to_dtype(floats_of(input)),
    }
}

/// 1 or −1 for each element, as floats of `input`'s format. They are read from the device once, to be checked.
pub(super) fn signs(op: &'static str, input: &Tensor, target: &Tensor) -> Result<Tensor> {
    let is_sign = |value: &f64| *value == 1.0 || *value == -1.0;
    let values = if target.kind() == Kind::Bool { vec![0.0; target.len()] } else { target.doubles()? };
    match values.into_iter().find(|value| !is_sign(value)) {
        Some(_) if target.kind() == Kind::Bool => {
            Err(Error::argument(op, "target", "1 or -1 for each element", "truth values"))
        }
        Some(other) => Err(Error::argument(op, "target", "1 or -1 for each element", other)),
        None => target.to_dtype(floats_of(input)),
    }
}

/// The format of what is computed with a float tensor.
fn floats_of(input: &Tensor) -> DType {
    if input.dtype() == DType::Float64 { DType::Float64 } else { DType::Float32 }
}

/// A tensor of weights over a shape.
pub(super) fn over(op: &'static str, name: &str, weight: &Tensor, shape: &[usize]) -> Result<Tensor> {
    weight.want_float(op)?;
    weight.expand(shape).map_err(|_| {
        let want = format!("of a shape that broadcasts to {}", format_shape(shape));
        Error::argument(op, name, want, format_shape(weight.shape()))
    })
}
