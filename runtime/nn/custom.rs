//! A layer whose forward pass is a function that the caller gives: how a script composes modules.

use std::{any::Any, rc::Rc};

use super::{Buffer, Layer, Module, Parameter};
use crate::{Error, Result, Tensor};

/// A forward pass with one output or more; the module gives access to children, parameters and buffers.
pub type Forward = Rc<dyn Fn(&Module, &[Tensor]) -> Result<Vec<Tensor>>>;

/// What a composed module has by name, each kind in its order.
#[derive(Clone, Default)]
pub struct Parts {
    /// Modules.
    pub children: Vec<(String, Module)>,
    /// Tensors that training moves.
    pub parameters: Vec<(String, Parameter)>,
    /// Tensors that `forward` moves.
    pub buffers: Vec<(String, Buffer)>,
}

impl Parts {
    /// The same, without values.
    pub(super) fn fresh(&self) -> Self {
        let children = self.children.iter().map(|(name, module)| (name.clone(), module.fresh())).collect();
        let parameters = self.parameters.iter().map(|(name, own)| (name.clone(), own.fresh())).collect();
        let buffers = self.buffers.iter().map(|(name, own)| (name.clone(), own.fresh())).collect();
        Self { children, parameters, buffers }
    }

    /// Each by its name, with what it is.
    pub(super) fn describe(&self) -> String {
        let children = self.children.iter().map(|(name, module)| format!("{name} = {}", module.describe()));
        let parameters = self.parameters.iter();
        let parameters = parameters.map(|(name, own)| format!("{name} = {:?} {}", own.shape(), own.start()));
        let buffers = self.buffers.iter().map(|(name, own)| format!("{name} = buffer {:?}", own.shape()));
        children.chain(parameters).chain(buffers).collect::<Vec<_>>().join(", ")
    }
}

struct Custom {
    kind: String,
    parts: Parts,
    forward: Forward,
    attached: Rc<dyn Any>,
}

/// A module of named parts, put together by `forward`. Two are alike where kind and parts are: the function is not
/// compared, nor what is attached, which [`Layer::attached`] gives back.
pub fn custom(kind: &str, parts: Parts, forward: Forward, attached: Rc<dyn Any>) -> Module {
    Module::new(Custom { kind: kind.to_owned(), parts, forward, attached })
}

impl Layer for Custom {
    fn kind(&self) -> &str {
        &self.kind
    }

    fn describe(&self) -> String {
        format!("{}({})", self.kind, self.parts.describe())
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
        let (kind, parts) = (self.kind.clone(), self.parts.fresh());
        Box::new(Self { kind, parts, forward: self.forward.clone(), attached: self.attached.clone() })
    }

    fn parameters(&self) -> Vec<(String, Parameter)> {
        self.parts.parameters.clone()
    }

    fn buffers(&self) -> Vec<(String, Buffer)> {
        self.parts.buffers.clone()
    }

    fn children(&self) -> Vec<(String, Module)> {
        self.parts.children.clone()
    }

    fn attached(&self) -> Option<&dyn Any> {
        Some(&*self.attached)
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
        let (children, parameters) = (vec![("body".into(), linear(2, 2, false))], vec![("scale".into(), scale)]);
        let parts = Parts { children, parameters, ..Parts::default() };
        let module = custom("scaled", parts, forward, Rc::new(()));
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
    fn a_panic_below_is_an_error_of_the_innermost_part() {
        let forward: Forward = Rc::new(|_, _| panic!("out of cheese"));
        let model = sequential(vec![sequential(vec![custom("module", Parts::default(), forward, Rc::new(()))])]);
        model.realise("model", 0, &Device::cpu()).unwrap();
        let error = model.forward(&Tensor::ones(&[1], &Device::cpu()).unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "model.0.0: module: internal error: out of cheese");
        assert!(matches!(error.root(), Error::Internal { .. }));
    }

    #[test]
    fn of_several_outputs_none_is_lost_in_silence() {
        let device = Device::cpu();
        let forward: Forward = Rc::new(|_, inputs| Ok(vec![inputs[0].clone(), inputs[0].neg()?]));
        let both = sequential(vec![custom("module", Parts::default(), forward, Rc::new(()))]);
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
