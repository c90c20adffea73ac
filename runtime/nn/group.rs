//! Modules held together under one name: a list whose parts have numbers, or by names. They compute nothing themselves:
//! whoever holds them calls the parts (`ModuleList` and `ModuleDict` in PyTorch).

use super::{Layer, Module};
use crate::{Error, Result, Tensor};

enum Group {
    List(Vec<Module>),
    Dict(Vec<(String, Module)>),
}

/// Modules by number: their parameters are named `0.…`, `1.…`, as in PyTorch.
pub fn list(modules: Vec<Module>) -> Module {
    Module::new(Group::List(modules))
}

/// Modules by name.
pub fn dict(modules: Vec<(String, Module)>) -> Module {
    Module::new(Group::Dict(modules))
}

impl Layer for Group {
    fn kind(&self) -> &str {
        match self {
            Self::List(_) => "list",
            Self::Dict(_) => "dict",
        }
    }

    fn describe(&self) -> String {
        let parts: Vec<String> = match self {
            Self::List(modules) => modules.iter().map(Module::describe).collect(),
            Self::Dict(modules) => {
                modules.iter().map(|(name, module)| format!("{name} = {}", module.describe())).collect()
            }
        };
        format!("{}({})", self.kind(), parts.join(", "))
    }

    fn forward(&self, _: &Module, _: &[Tensor]) -> Result<Tensor> {
        let (kind, how) = match self {
            Self::List(_) => ("list", "for _, part in ipairs(self.NAME) do x = part(x) end"),
            Self::Dict(_) => ("dict", "self.NAME.PART(x)"),
        };
        let reason = format!("a {kind} of modules computes nothing itself; call its parts: {how}");
        Err(Error::State { op: "forward", reason })
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(match self {
            Self::List(modules) => Self::List(modules.iter().map(Module::fresh).collect()),
            Self::Dict(modules) => {
                Self::Dict(modules.iter().map(|(name, module)| (name.clone(), module.fresh())).collect())
            }
        })
    }

    fn children(&self) -> Vec<(String, Module)> {
        match self {
            Self::List(modules) => {
                modules.iter().enumerate().map(|(position, module)| (position.to_string(), module.clone())).collect()
            }
            Self::Dict(modules) => modules.clone(),
        }
    }

    fn is_list(&self) -> bool {
        matches!(self, Self::List(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, nn::linear};

    #[test]
    fn parts_have_numbers_or_names_and_compute_nothing_together() {
        let blocks = list(vec![linear(2, 2, false), linear(2, 3, false)]);
        let both = dict(vec![("blocks".into(), blocks), ("head".into(), linear(3, 1, false))]);
        both.realise("model", 0, &Device::cpu()).unwrap();
        let names: Vec<String> = both.parameters().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["blocks.0.weight", "blocks.1.weight", "head.weight"]);
        let blocks = both.child("blocks").unwrap();
        assert_eq!(blocks.child_at(-1).unwrap().name().unwrap(), "model.blocks.1");
        assert_eq!(blocks.len(), 2);
        let error = blocks.child_at(3).unwrap_err().to_string();
        assert_eq!(error, "index: position 3 is out of range: 1 to 2, or -1 to -2");
        let error = both.child_at(1).unwrap_err().to_string();
        assert_eq!(error, "dict: a key must be a name, such as 'blocks', got 1");
        let error = both.forward(&Tensor::ones(&[1, 2], &Device::cpu()).unwrap()).unwrap_err().to_string();
        assert_eq!(
            error,
            "model: forward: a dict of modules computes nothing itself; call its parts: self.NAME.PART(x)"
        );
        assert_eq!(both.fresh().describe(), both.describe());
    }
}
