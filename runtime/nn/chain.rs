//! Modules one after another, like a sequence, under names that others have given them.

use super::{Layer, Module, module::single};
use crate::{Result, Tensor};

struct Chain {
    kind: &'static str,
    parts: Vec<(&'static str, Module)>,
}

/// Each part's output is the next one's input.
pub(super) fn chain(kind: &'static str, parts: Vec<(&'static str, Module)>) -> Module {
    Module::new(Chain { kind, parts })
}

impl Layer for Chain {
    fn kind(&self) -> &str {
        self.kind
    }

    fn describe(&self) -> String {
        let parts = self.parts.iter().map(|(name, part)| format!("{name} = {}", part.describe()));
        format!("{}({})", self.kind, parts.collect::<Vec<_>>().join(", "))
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let input = single(self.kind, inputs)?.clone();
        self.parts.iter().try_fold(input, |value, (_, part)| part.forward(&value))
    }

    fn fresh(&self) -> Box<dyn Layer> {
        let parts = self.parts.iter().map(|(name, part)| (*name, part.fresh())).collect();
        Box::new(Self { kind: self.kind, parts })
    }

    fn children(&self) -> Vec<(String, Module)> {
        self.parts.iter().map(|(name, part)| ((*name).to_owned(), part.clone())).collect()
    }
}
