//! A layer whose forward pass is a function that the caller gives: how a script composes modules.

use std::rc::Rc;

use super::{Layer, Module, Parameter};
use crate::{Result, Tensor};

/// A forward pass; the module gives access to children and parameters.
pub type Forward = Rc<dyn Fn(&Module, &[Tensor]) -> Result<Tensor>>;

struct Custom {
    kind: String,
    children: Vec<(String, Module)>,
    parameters: Vec<(String, Parameter)>,
    forward: Forward,
}

/// A module of named children and parameters, put together by `forward`. Two are alike where kind, children and
/// parameters are: the function is not compared.
pub fn custom(
    kind: &str,
    children: Vec<(String, Module)>,
    parameters: Vec<(String, Parameter)>,
    forward: Forward,
) -> Module {
    Module::new(Custom { kind: kind.to_owned(), children, parameters, forward })
}

impl Layer for Custom {
    fn kind(&self) -> &str {
        &self.kind
    }

    fn describe(&self) -> String {
        let children = self.children.iter().map(|(name, module)| format!("{name} = {}", module.describe()));
        let parameters = self
            .parameters
            .iter()
            .map(|(name, parameter)| format!("{name} = {:?} {}", parameter.shape(), parameter.init()));
        format!("{}({})", self.kind, children.chain(parameters).collect::<Vec<_>>().join(", "))
    }

    fn forward(&self, module: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        (self.forward)(module, inputs)
    }

    fn fresh(&self) -> Box<dyn Layer> {
        let children = self.children.iter().map(|(name, module)| (name.clone(), module.fresh())).collect();
        let parameters = self
            .parameters
            .iter()
            .map(|(name, own)| (name.clone(), Parameter::new(own.shape(), own.init(), own.role())));
        Box::new(Self {
            kind: self.kind.clone(),
            children,
            parameters: parameters.collect(),
            forward: self.forward.clone(),
        })
    }

    fn parameters(&self) -> Vec<(String, Parameter)> {
        self.parameters.clone()
    }

    fn children(&self) -> Vec<(String, Module)> {
        self.children.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        nn::{Init, Role, linear},
    };

    #[test]
    fn a_composed_module_names_its_parts_by_path() {
        let device = Device::cpu();
        let scale = Parameter::new(&[1], Init::Constant(3.0), Role::Weight);
        let forward: Forward =
            Rc::new(|module, inputs| module.child("body")?.forward(&inputs[0])?.mul(&module.own("scale")?));
        let module =
            custom("scaled", vec![("body".into(), linear(2, 2, false))], vec![("scale".into(), scale)], forward);
        module.realise("model", 0, &device).unwrap();
        let names: Vec<String> = module.parameters().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["scale", "body.weight"]);
        module.child("body").unwrap().parameters()[0].1.set(Tensor::ones(&[2, 2], &device).unwrap()).unwrap();
        let output = module.forward(&Tensor::ones(&[1, 2], &device).unwrap()).unwrap();
        assert_eq!(output.floats().unwrap(), [6.0, 6.0]);
        let twin = module.fresh();
        assert_eq!(twin.describe(), "scaled(body = linear(2, 2, bias = false), scale = [1] constant 3)");
        assert!(!twin.is_realised());
    }
}
