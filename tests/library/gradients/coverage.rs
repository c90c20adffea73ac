//! That no operation which scripts can differentiate lacks a case: the declared names of the Lua API against the
//! operations of the cases.

use std::{collections::BTreeSet, fs};

use super::{program::Case, references::cases};
use crate::declared::declared;

/// Whose names have to be covered, and what an operation of theirs begins with in a case.
const OWNERS: [(&str, &str); 6] = [
    ("Tensor:", ""),
    ("operator ", ""),
    ("moonburn.", ""),
    ("moonburn.linalg.", ""),
    ("moonburn.loss.", "loss."),
    ("moonburn.nn.", "nn."),
];

/// Names that are another operation in the core.
const ELSEWHERE: &[(&str, &str)] = &[
    ("moonburn.nn.weight_norm", "norm"),
    ("moonburn.nn.spectral_norm", "mv"),
    ("operator idiv", "floor_div"),
    ("Tensor:floor_divide", "floor_div"),
    ("operator mod", "remainder"),
    ("operator unm", "neg"),
    ("Tensor:aminmax", "amin"),
    ("Tensor:view", "reshape"),
    ("Tensor:view_as", "reshape"),
    ("Tensor:unflatten", "reshape"),
    ("Tensor:expand_as", "expand"),
    ("Tensor:broadcast_to", "expand"),
    ("moonburn.broadcast_tensors", "expand"),
    ("moonburn.meshgrid", "expand"),
    ("moonburn.cartesian_prod", "stack"),
    ("moonburn.hstack", "cat"),
    ("moonburn.vstack", "cat"),
    ("moonburn.unfold", "im2col"),
    ("moonburn.fold", "col2im"),
    ("Tensor:t", "transpose"),
    ("Tensor:diag", "diagonal"),
    ("Tensor:index", "at"),
    ("Tensor:index_select", "select"),
    ("Tensor:narrow", "slice"),
    ("Tensor:chunk", "slice"),
    ("Tensor:split", "slice"),
    ("Tensor:unbind", "at"),
    ("moonburn.nn.sequential", "nn.projector"),
];

/// Names that no gradient flows through, and why.
const EXCEPTIONS: &[(&str, &[&str])] = &[
    ("gives truth values of dims", &["Tensor:any", "Tensor:all"]),
    ("counts", &["Tensor:count_nonzero", "Tensor:bincount", "Tensor:histc"]),
    ("gives positions of values", &["Tensor:argsort", "Tensor:nonzero", "moonburn.searchsorted"]),
    ("has no gradient in PyTorch either", &["Tensor:unique"]),
    (
        "gives truth values",
        &[
            "Tensor:eq",
            "Tensor:ne",
            "Tensor:gt",
            "Tensor:ge",
            "Tensor:lt",
            "Tensor:le",
            "Tensor:isnan",
            "Tensor:isinf",
            "Tensor:isfinite",
            "Tensor:isclose",
            "Tensor:allclose",
            "Tensor:equal",
        ],
    ),
    (
        "takes and gives truth values",
        &[
            "Tensor:logical_and",
            "Tensor:logical_or",
            "Tensor:logical_xor",
            "Tensor:logical_not",
            "operator band",
            "operator bor",
            "operator bxor",
            "operator bnot",
        ],
    ),
    ("is flat wherever it has a gradient", &["Tensor:heaviside"]),
    ("is drawn at random", &["Tensor:bernoulli", "Tensor:multinomial"]),
    ("gives positions, or takes labels", &["Tensor:argmax", "Tensor:argmin", "Tensor:one_hot"]),
    ("counts", &["moonburn.linalg.matrix_rank"]),
    (
        "reads values or says what a tensor is",
        &[
            "Tensor:item",
            "Tensor:to_table",
            "Tensor:numel",
            "Tensor:size",
            "Tensor:dim",
            "moonburn.is_tensor",
            "moonburn.device",
            "moonburn.devices",
        ],
    ),
    (
        "makes a tensor of none",
        &[
            "moonburn.tensor",
            "moonburn.zeros",
            "moonburn.ones",
            "moonburn.full",
            "moonburn.arange",
            "moonburn.range",
            "moonburn.eye",
            "moonburn.rand",
            "moonburn.randn",
            "moonburn.randperm",
            "moonburn.linspace",
            "moonburn.logspace",
            "moonburn.zeros_like",
            "moonburn.ones_like",
            "moonburn.full_like",
            "moonburn.rand_like",
            "moonburn.randn_like",
            "moonburn.normal",
            "moonburn.uniform",
            "moonburn.randint",
            "moonburn.bernoulli",
            "moonburn.exponential",
            "moonburn.gumbel",
            "moonburn.gamma",
            "moonburn.beta",
            "moonburn.dirichlet",
            "moonburn.truncated_normal",
            "moonburn.nn.parameter",
            "moonburn.nn.buffer",
        ],
    ),
    (
        "is about gradients itself",
        &[
            "Tensor:backward",
            "Tensor:clone",
            "Tensor:detach",
            "Tensor:grad",
            "Tensor:hook",
            "Tensor:requires_grad",
            "Tensor:zero_grad",
            "moonburn.grad",
            "moonburn.operation",
            "moonburn.recompute",
            "moonburn.no_grad",
            "moonburn.check_gradient",
            "moonburn.kernel",
            "moonburn.nn.module",
        ],
    ),
    (
        "multiplies by a draw, and is compared with that",
        &["moonburn.nn.dropout", "moonburn.nn.dropout2d", "moonburn.nn.drop_path"],
    ),
    ("is about precision and memory", &["moonburn.autocast", "moonburn.memory", "moonburn.set_memory_budget"]),
];

/// The operation that a case of a name names; none where the name is of something else.
fn operation(name: &str) -> Option<String> {
    if let Some((_, own)) = ELSEWHERE.iter().find(|(own, _)| *own == name) {
        return Some((*own).to_owned());
    }
    let end = name.rfind(['.', ':', ' ']).map_or(0, |end| end + 1);
    let (_, prefix) = OWNERS.iter().find(|(owner, _)| *owner == &name[..end])?;
    Some(format!("{prefix}{}", &name[end..]))
}

/// The layers that `tests/reference/layers.py` has cases of, by the first word of each.
fn layers() -> BTreeSet<String> {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/layers.json")).unwrap();
    let cases: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    let with_gradients = cases.into_iter().filter(|(_, case)| case["gradients"].is_object());
    let name = |name: String| name.split([' ', ',']).next().map(|word| format!("nn.{word}"));
    with_gradients.filter_map(|(case, _)| name(case)).collect()
}

#[test]
fn every_operation_layer_and_loss_that_is_declared_has_a_case_or_no_gradient() {
    let (declared, cases) = (declared(), cases());
    let layers = layers();
    let steps = cases.values().flat_map(|case| Case(case).steps()).map(|step| step.operation());
    let covered: BTreeSet<&str> = steps.chain(layers.iter().map(String::as_str)).collect();
    let excepted: BTreeSet<&str> = EXCEPTIONS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    let missing: Vec<&String> = declared
        .iter()
        .filter(|name| !excepted.contains(name.as_str()))
        .filter(|name| operation(name).is_some_and(|operation| !covered.contains(operation.as_str())))
        .collect();
    assert!(missing.is_empty(), "no case has {missing:?}");
    assert!(declared.iter().filter(|name| operation(name).is_some()).count() > 100);
    let undeclared: Vec<&&str> = excepted
        .iter()
        .chain(ELSEWHERE.iter().map(|(name, _)| name))
        .filter(|name| !declared.contains(**name))
        .collect();
    assert!(undeclared.is_empty(), "nothing declares {undeclared:?}");
}
