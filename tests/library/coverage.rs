//! That nothing of what scripts can compute with is missing from what `moonburn parity` compares: the declared names of
//! the Lua API against the names of the cases.

use std::collections::BTreeSet;

use moonburn::parity::{Case, Group, STEPS, cases};

use crate::declared::declared;

/// Whose names have to be covered, by cases of which group.
const OWNERS: [(&str, &[Group]); 9] = [
    ("Tensor:", &[Group::Operation]),
    ("operator ", &[Group::Operation]),
    ("moonburn.", &[Group::Operation]),
    ("moonburn.linalg.", &[Group::Operation]),
    ("moonburn.augment.", &[Group::Operation]),
    ("moonburn.nn.", &[Group::Layer]),
    ("moonburn.model.", &[Group::Layer]),
    ("moonburn.loss.", &[Group::Loss]),
    ("moonburn.optim.", &[Group::Optimizer]),
];

/// Names that stand in no case's name, and the case that computes them.
const ELSEWHERE: &[(&str, &str)] = &[
    ("Tensor:eq", "comparisons"),
    ("Tensor:ne", "comparisons"),
    ("Tensor:gt", "comparisons"),
    ("Tensor:ge", "comparisons"),
    ("Tensor:lt", "comparisons"),
    ("Tensor:le", "comparisons"),
    ("Tensor:logical_and", "logic"),
    ("Tensor:logical_or", "logic"),
    ("Tensor:logical_not", "logic"),
    ("Tensor:logical_xor", "nearness, steps and ints"),
    ("operator band", "logic"),
    ("operator bor", "logic"),
    ("operator bnot", "logic"),
    ("operator bxor", "nearness, steps and ints"),
    ("Tensor:isclose", "nearness, steps and ints"),
    ("Tensor:allclose", "nearness, steps and ints"),
    ("Tensor:heaviside", "nearness, steps and ints"),
    ("Tensor:isnan", "what is no number"),
    ("Tensor:isinf", "what is no number"),
    ("Tensor:isfinite", "what is no number"),
    ("Tensor:equal", "comparisons"),
    ("Tensor:floor_divide", "floor_div"),
    ("Tensor:multinomial", "random tensors of every distribution"),
    ("moonburn.normal", "random tensors of every distribution"),
    ("moonburn.beta", "random tensors of every distribution"),
    ("moonburn.truncated_normal", "random tensors of every distribution"),
    ("moonburn.randint", "random tensors of every distribution"),
    ("moonburn.rand_like", "full, arange, rand and randn"),
    ("moonburn.randn_like", "full, arange, rand and randn"),
    ("moonburn.zeros_like", "full, arange, rand and randn"),
    ("moonburn.ones_like", "full, arange, rand and randn"),
    ("moonburn.full_like", "full, arange, rand and randn"),
    ("operator idiv", "floor_div"),
    ("operator mod", "remainder"),
    ("operator unm", "neg"),
    ("moonburn.tensor", "to the device and back"),
    ("moonburn.zeros", "full, arange, rand and randn"),
    ("moonburn.ones", "full, arange, rand and randn"),
    ("moonburn.eye", "one_hot"),
    ("moonburn.grad", "matmul"),
    ("moonburn.no_grad", "frozen encoder, without gradients"),
    ("moonburn.autocast", "float16 matmul of odd sizes"),
    ("moonburn.augment.random_resized_crop", "views of SimCLR"),
    ("moonburn.augment.horizontal_flip", "views of SimCLR"),
    ("moonburn.augment.color_jitter", "views of SimCLR"),
    ("moonburn.augment.grayscale", "views of SimCLR"),
    ("moonburn.augment.chain", "views of SimCLR"),
    ("moonburn.augment.gaussian_blur", "views with blur, solarization and turns"),
    ("moonburn.augment.solarize", "views with blur, solarization and turns"),
    ("moonburn.augment.quarter_turn", "views with blur, solarization and turns"),
    ("moonburn.augment.resize", "views, resized and cropped"),
    ("moonburn.augment.center_crop", "views, resized and cropped"),
    ("moonburn.augment.pad_crop", "views, padded and normalised"),
    ("moonburn.augment.vertical_flip", "views, padded and normalised"),
    ("moonburn.augment.rotate", "views by smooth maps"),
    ("moonburn.augment.affine", "views by smooth maps"),
    ("moonburn.augment.perspective", "views by smooth maps"),
    ("moonburn.augment.equalize", "views of other levels"),
    ("moonburn.augment.sharpness", "views of other levels"),
    ("moonburn.augment.autocontrast", "views of other levels"),
    ("moonburn.augment.invert", "views of other levels"),
    ("moonburn.augment.posterize", "views of other levels"),
    ("moonburn.augment.erasing", "views with noise and erased parts"),
    ("moonburn.augment.rand_augment", "views of RandAugment and TrivialAugment"),
    ("moonburn.augment.trivial_augment", "views of RandAugment and TrivialAugment"),
    ("moonburn.augment.random_apply", "views of applied and chosen changes"),
    ("moonburn.augment.random_choice", "views of applied and chosen changes"),
    ("moonburn.nn.sequential", "flatten and identity"),
    ("moonburn.model.resnet34", "resnet18, cifar stem"),
    ("moonburn.model.resnet101", "resnet50, cifar stem"),
    ("Tensor:at", "slice"),
    ("Tensor:aminmax", "amin of rows"),
    ("Tensor:index", "slice"),
    ("Tensor:narrow", "slice"),
    ("Tensor:chunk", "slice"),
    ("Tensor:split", "slice"),
    ("Tensor:unbind", "slice"),
    ("Tensor:index_select", "select of rows"),
    ("Tensor:view", "reshape and flatten"),
    ("Tensor:view_as", "reshape and flatten"),
    ("Tensor:unflatten", "reshape and flatten"),
    ("Tensor:expand_as", "expand"),
    ("Tensor:broadcast_to", "expand"),
    ("moonburn.broadcast_tensors", "expand"),
    ("moonburn.meshgrid", "expand"),
    ("moonburn.cartesian_prod", "stack"),
    ("moonburn.hstack", "cat of columns"),
    ("moonburn.vstack", "cat of rows"),
    ("moonburn.range", "full, arange, rand and randn"),
    ("Tensor:t", "transpose"),
    ("Tensor:movedim", "permute"),
    ("Tensor:rot90", "flip"),
    ("Tensor:diag", "diagonal and diag_embed"),
    ("moonburn.nn.parameter", "copy and moving average"),
    ("moonburn.nn.buffer", "copy and moving average"),
    ("moonburn.nn.module", "projector"),
    ("Tensor:detach", "frozen encoder, without gradients"),
];

/// Names that compute nothing on a device which another could get wrong, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("Tensor:item", "reads a value, as every case does"),
    ("Tensor:to_table", "reads values, as every case does"),
    ("Tensor:clone", "is the tensor itself until one of the two is written into"),
    ("Tensor:numel", "is known on the host"),
    ("Tensor:size", "is known on the host"),
    ("Tensor:dim", "is known on the host"),
    ("Tensor:requires_grad", "marks an input, as every case with a gradient does"),
    ("Tensor:backward", "adds gradients up, which every case with a gradient computes"),
    ("Tensor:grad", "is what backward has added up"),
    ("Tensor:zero_grad", "forgets what backward has added up"),
    ("Tensor:hook", "sees gradients that every case computes"),
    ("moonburn.operation", "has a gradient of the script's own, of operations that are compared"),
    ("moonburn.recompute", "computes what is compared twice"),
    ("moonburn.is_tensor", "is known on the host"),
    ("moonburn.randperm", "is drawn on the host"),
    ("moonburn.uniform", "is drawn on the host, as normal"),
    ("moonburn.bernoulli", "is drawn on the host, as normal"),
    ("Tensor:bernoulli", "is drawn on the host, as normal"),
    ("moonburn.exponential", "is drawn on the host, as normal"),
    ("moonburn.gumbel", "is drawn on the host, as normal"),
    ("moonburn.gamma", "is drawn on the host, as normal"),
    ("moonburn.dirichlet", "is drawn on the host, as normal"),
    ("moonburn.linspace", "is computed on the host"),
    ("moonburn.logspace", "is computed on the host"),
    ("moonburn.devices", "describes devices"),
    ("moonburn.memory", "describes memory"),
    ("moonburn.set_memory_budget", "counts bytes on the host"),
    ("moonburn.augment.kernel", "runs a shader of the script's own, which has its own reference"),
    ("moonburn.kernel", "runs a shader of the script's own, which has its own reference"),
    ("moonburn.check_gradient", "compares on the device itself"),
];

/// The groups that a name's cases belong to; none where it needs no case.
fn groups(name: &str) -> Option<&'static [Group]> {
    let end = name.rfind(['.', ':', ' ']).map_or(0, |end| end + 1);
    OWNERS.iter().find(|(owner, _)| *owner == &name[..end]).map(|(_, groups)| *groups)
}

/// Whether the last part of a name is a word of a case's name.
fn is_named(name: &str, cases: &[Case], groups: &[Group]) -> bool {
    let own = name.rsplit(['.', ':', ' ']).next().unwrap_or(name);
    let cases = cases.iter().filter(|case| groups.contains(&case.group()));
    cases.flat_map(|case| case.name().split(|c: char| !c.is_alphanumeric() && c != '_')).any(|word| word == own)
}

#[test]
fn everything_that_a_script_computes_with_is_compared_or_excepted_with_a_reason() {
    let (declared, cases) = (declared(), cases(STEPS));
    assert!(declared.len() > 150, "{}", declared.len());
    let listed: BTreeSet<&str> = ELSEWHERE.iter().chain(EXCEPTIONS).map(|(name, _)| *name).collect();
    let missing: Vec<&String> = declared
        .iter()
        .filter(|name| groups(name).is_some_and(|groups| !is_named(name, &cases, groups)))
        .filter(|name| !listed.contains(name.as_str()))
        .collect();
    assert!(missing.is_empty(), "no case of the parity report has {missing:?}");
}

#[test]
fn what_is_listed_as_compared_elsewhere_or_excepted_is_declared_and_the_case_is_there() {
    let (declared, cases) = (declared(), cases(STEPS));
    for (name, case) in ELSEWHERE {
        assert!(declared.contains(*name), "{name} is not declared");
        assert!(cases.iter().any(|known| known.name() == *case), "{name}: there is no case {case}");
    }
    for (name, reason) in EXCEPTIONS {
        assert!(declared.contains(*name) && !reason.is_empty(), "{name} is not declared");
    }
}
