//! Values between bounds.

use super::example::example;
use crate::{
    Tensor,
    lua::api::{Class, Docs},
};

pub(super) fn bounds(class: &mut Class<Tensor>, docs: &mut Docs) {
    class
        .method(
            docs,
            "clamp",
            "min, max",
            "Values below min become min, values above max become max; nil is no bound. No gradient there, nor on the \
             bounds.",
            |t: Tensor, min: Option<f64>, max: Option<f64>| t.clamp_between(min, max),
        )
        .example(example("clamp(nil, 1)", "-2.0, 0.5, 3.0", "-2.0000, 0.5000, 1.0000"));
    class
        .method(
            docs,
            "clamp_min",
            "min",
            "Values below min become min. No gradient there, nor on the bound.",
            |t: Tensor, min: f64| t.clamp_min(min),
        )
        .example(example("clamp_min(0)", "-2.0, 0.5", "0.0000, 0.5000"));
    class
        .method(
            docs,
            "clamp_max",
            "max",
            "Values above max become max. No gradient there, nor on the bound.",
            |t: Tensor, max: f64| t.clamp_max(max),
        )
        .example(example("clamp_max(0)", "-2.0, 0.5", "-2.0000, 0.0000"));
    class
        .method(
            docs,
            "nan_to_num",
            "nan, posinf, neginf",
            "Numbers in the place of NaN (0 by default), of ∞ and of −∞ (the largest and the smallest float by default). No \
             gradient there.",
            |t: Tensor, nan: Option<f64>, posinf: Option<f64>, neginf: Option<f64>| {
                t.nan_to_num(nan.unwrap_or(0.0), posinf, neginf)
            },
        )
        .example(example("nan_to_num(0, 9, -9)", "0 / 0, 1 / 0, -1 / 0, 2.0", "0.0000, 9.0000, -9.0000, 2.0000"));
}
