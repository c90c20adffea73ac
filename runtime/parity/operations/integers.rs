//! Ints, truth values, comparisons and conversions: the same bits on every device.

use super::operation::{LARGE, exact};
use crate::{
    Result, Tensor,
    parity::{
        Case,
        noise::{ints, noise, uniform},
    },
    rng::{DrawKey, Stream},
    tensor::Kind,
};

pub(super) fn cases() -> Vec<Case> {
    vec![
        exact("to the device and back", ["floats", "ints", "bools"], |device| {
            let floats = uniform("round trip", &LARGE, [-1e30, 1e30], device)?;
            let ints = ints("round trip", &LARGE, [-1_000_000, 1_000_000], device)?;
            let bools = ints.floats()?.iter().map(|value| *value > 0.0).collect();
            Ok([floats, ints, Tensor::from_bools(bools, &LARGE, device)?])
        }),
        exact("full, arange, rand and randn", ["full", "arange", "rand", "randn"], |device| {
            let stream = Stream::new(3, "parity");
            let full = Tensor::full(0.1, &LARGE, Kind::Float, device)?;
            let arange = Tensor::arange(7, -400, -3, device)?;
            Ok([
                full,
                arange,
                Tensor::rand(&LARGE, stream, DrawKey { step: 1, call: 2 }, device)?,
                Tensor::randn(&LARGE, stream, DrawKey { step: 1, call: 3 }, device)?,
            ])
        }),
        exact("cast", ["float to int", "float to bool", "int to float", "int to bool", "bool to int"], |device| {
            let floats = uniform("cast", &LARGE, [-9.0, 9.0], device)?;
            let ints = floats.cast(Kind::Int)?;
            let bools = ints.cast(Kind::Bool)?;
            let back = [ints.cast(Kind::Float)?, bools.clone(), bools.cast(Kind::Int)?];
            let [float, bool, int] = back;
            Ok([ints, floats.cast(Kind::Bool)?, float, bool, int])
        }),
        exact("arithmetic of ints", ["+", "−", "·", "remainder", "floor_div", "abs", "clamp"], |device| {
            let left = ints("left", &LARGE, [-1000, 1000], device)?;
            let right = ints("right", &[301], [1, 9], device)?;
            let arithmetic = [left.add(&right)?, left.sub(&right)?, left.mul(&right)?];
            let [sum, difference, product] = arithmetic;
            let (rest, quotient) = (left.remainder(&right)?, left.floor_div(&right)?);
            Ok([sum, difference, product, rest, quotient, left.abs()?, left.clamp(-99.0, 100.0)?])
        }),
        exact("reductions of ints and bools", ["sum", "max", "min", "argmax", "argmin", "count"], |device| {
            let x = ints("int reductions", &LARGE, [-1000, 1000], device)?;
            let count = x.gt_scalar(0.0)?.sum(Some(1), false)?;
            let (sum, max, min) = (x.sum(None, false)?, x.max(Some(1), false)?, x.min(Some(0), false)?);
            Ok([sum, max, min, x.argmax(1, false)?, x.argmin(0, false)?, count])
        }),
        exact("comparisons", ["==", "!=", ">", ">=", "<", "<="], |device| {
            let (left, right) = pair(device)?;
            let [equal, other] = [left.eq(&right)?, left.ne(&right)?];
            Ok([equal, other, left.gt(&right)?, left.ge(&right)?, left.lt(&right)?, left.le(&right)?])
        }),
        exact("comparisons with a number", ["==", "!=", ">", ">=", "<", "<="], |device| {
            let (x, _) = pair(device)?;
            let [equal, other] = [x.eq_scalar(2.0)?, x.ne_scalar(2.0)?];
            Ok([equal, other, x.gt_scalar(2.0)?, x.ge_scalar(2.0)?, x.lt_scalar(2.0)?, x.le_scalar(2.0)?])
        }),
        exact("logic", ["not", "and", "or"], |device| {
            let (left, right) = pair(device)?;
            let (left, right) = (left.gt_scalar(0.0)?, right.gt_scalar(1.0)?);
            Ok([left.logical_not()?, left.logical_and(&right)?, left.logical_or(&right)?])
        }),
        exact("floor_div", ["quotient"], |device| {
            // Whole numbers and a half over whole numbers: no quotient is within rounding of a whole one.
            let left = ints("left", &LARGE, [-500, 500], device)?.cast(Kind::Float)?.add_scalar(0.5)?;
            let right = ints("right", &LARGE, [1, 9], device)?.cast(Kind::Float)?;
            Ok([left.floor_div(&right)?])
        }),
        exact("one_hot", ["rows"], |device| Ok([ints("one_hot", &[67], [0, 20], device)?.one_hot(21)?])),
        exact("argmax and argmin", ["last dim", "first dim", "middle dim"], |device| {
            let (x, y) = (noise("argmax", &LARGE, device)?, noise("argmax", &[5, 130, 17], device)?);
            Ok([x.argmax(1, false)?, x.argmin(0, false)?, y.argmax(1, true)?])
        }),
    ]
}

/// Two tensors of few different values, so that many are equal.
fn pair(device: &crate::Device) -> Result<(Tensor, Tensor)> {
    let make = |name| ints(name, &LARGE, [-3, 3], device)?.cast(Kind::Float);
    Ok((make("left")?, make("right")?))
}
