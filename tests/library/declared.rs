//! The names that scripts can use, as the type definitions have them.

use std::collections::BTreeSet;

use moonburn::Engine;

/// Functions of the module, methods and operators of tensors.
pub fn declared() -> BTreeSet<String> {
    let definitions = Engine::new().definitions();
    let functions =
        definitions.lines().filter_map(|line| line.strip_prefix("function ")?.split_once('(').map(|it| it.0));
    let tensor =
        definitions.split("---@class moonburn.").find(|text| text.starts_with("Tensor\n")).expect("a class Tensor");
    let operators = tensor.lines().filter_map(|line| line.strip_prefix("---@"));
    let operators = operators.filter_map(|line| line.split(['(', ':']).next()).filter(|it| it.starts_with("operator "));
    functions.chain(operators).map(str::to_owned).collect()
}
