//! A layer whose forward pass is a function that the caller gives: how a script composes modules.

use std::rc::Rc;

use super::{Layer, Module, Parameter};
use crate::{Error, Result, Tensor};

/// A forward pass with one output or more; the module gives access to children and parameters.
pub type Forward = Rc<dyn Fn(&Module, &[Tensor]) -> Result<Vec<Tensor>>>;

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
        let mut outputs = (self.forward)(module, inputs)?;
        match (outputs.len(), outputs.pop()) {
            (1, Some(output)) => Ok(output),
            (count, _) => {
                let reason = format!(
                    "{} returns {count} values, and only one can go on from here; return one, or call it in a module \
                     of your own, which can pass on several",
                    self.kind
                );
                Err(Error::State { op: "forward", reason })
            }
        }
    }

    fn forward_all(&self, module: &Module, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
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
        nn::{Init, Role, linear, sequential},
    };

    #[test]
    fn a_composed_module_names_its_parts_by_path() {
        let device = Device::cpu();
        let scale = Parameter::new(&[1], Init::Constant(3.0), Role::Weight);
        let forward: Forward =
            Rc::new(|module, inputs| Ok(vec![module.child("body")?.forward(&inputs[0])?.mul(&module.own("scale")?)?]));
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

    #[test]
    fn of_several_outputs_none_is_lost_in_silence() {
        let device = Device::cpu();
        let forward: Forward = Rc::new(|_, inputs| Ok(vec![inputs[0].clone(), inputs[0].neg()?]));
        let both = sequential(vec![custom("module", Vec::new(), Vec::new(), forward)]);
        both.realise("model", 0, &device).unwrap();
        let input = Tensor::ones(&[1, 2], &device).unwrap();
        let two = both.children()[0].1.call_all(std::slice::from_ref(&input)).unwrap();
        assert_eq!(two[1].floats().unwrap(), [-1.0, -1.0]);
        let error = both.forward(&input).unwrap_err().to_string();
        assert!(
            error.starts_with("model.0: forward: module returns 2 values, and only one can go on from here"),
            "{error}"
        );
    }
}
