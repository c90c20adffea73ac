//! Functions that see what a module gives in a forward pass, and may give something else in its place. They belong to a
//! training's script and not to its state.

use std::{
    cell::Cell,
    rc::{Rc, Weak},
};

use super::{Hook, Module, layer::Node};
use crate::{Result, Tensor};

thread_local! {
    static NEXT: Cell<u64> = const { Cell::new(0) };
}

/// What takes a hook away again.
#[derive(Clone)]
pub struct HookHandle {
    module: Weak<Node>,
    number: u64,
}

impl HookHandle {
    /// Takes it away: no later forward pass calls it. Again it does nothing.
    pub fn remove(&self) {
        if let Some(node) = self.module.upgrade() {
            node.hooks.borrow_mut().retain(|(number, _)| *number != self.number);
        }
    }
}

impl Module {
    /// Calls a function after each forward pass of the module.
    pub fn hook(&self, hook: Hook) -> HookHandle {
        let number = NEXT.replace(NEXT.get() + 1);
        self.0.hooks.borrow_mut().push((number, hook));
        HookHandle { module: Rc::downgrade(&self.0), number }
    }

    /// Takes all hooks of the module itself away, and gives them.
    pub(in crate::nn) fn take_hooks(&self) -> Vec<(u64, Hook)> {
        self.0.hooks.take()
    }

    /// Puts hooks in the place of those that it has.
    pub(in crate::nn) fn put_hooks(&self, hooks: Vec<(u64, Hook)>) {
        self.0.hooks.replace(hooks);
    }

    pub(super) fn is_hooked(&self) -> bool {
        !self.0.hooks.borrow().is_empty()
    }

    /// What the hooks make of outputs, one after another.
    pub(super) fn hooked(&self, inputs: &[Tensor], mut outputs: Vec<Tensor>) -> Result<Vec<Tensor>> {
        // One of them may add another, or take one away.
        let hooks: Vec<Hook> = self.0.hooks.borrow().iter().map(|(_, hook)| hook.clone()).collect();
        for hook in hooks {
            outputs = hook(self, inputs, &outputs)?.unwrap_or(outputs);
        }
        Ok(outputs)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::{
        Device,
        nn::{batch_norm, relu, sequential},
    };

    #[test]
    fn a_hook_sees_its_own_part_also_where_two_are_computed_at_once_and_goes_when_it_is_removed() {
        let model = sequential(vec![batch_norm(2, Default::default()), relu()]);
        model.realise("model", 0, &Device::cpu()).unwrap();
        let seen = Rc::new(RefCell::new(Vec::new()));
        let hook = |path: &str| {
            let seen = seen.clone();
            model.child(path).unwrap().hook(Rc::new(move |module, inputs, outputs| {
                let values = [&inputs[0], &outputs[0]].map(|tensor| tensor.floats().unwrap());
                seen.borrow_mut().push((module.kind().to_owned(), values));
                Ok(None)
            }))
        };
        let input = Tensor::from_floats(vec![1.0, 5.0, -1.0, 3.0], &[2, 2], &Device::cpu()).unwrap();
        let plain = model.forward(&input).unwrap().floats().unwrap();
        let handles = [hook("0"), hook("1")];
        assert_eq!(model.forward(&input).unwrap().floats().unwrap(), plain);
        let found = seen.take();
        let kinds: Vec<&str> = found.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["batch_norm", "relu"]);
        assert!(found[0].1[1].iter().any(|value| *value < 0.0) && found[0].1[1] == found[1].1[0]);
        assert_eq!(found[1].1[1], plain);
        handles.iter().for_each(HookHandle::remove);
        model.forward(&input).unwrap();
        assert!(seen.borrow().is_empty());
    }

    #[test]
    fn what_a_hook_gives_takes_the_outputs_place_and_the_next_hook_sees_that() {
        let layer = relu();
        let double: Hook = Rc::new(|_, _, outputs| Ok(Some(vec![outputs[0].mul_scalar(2.0)?])));
        let (_first, _second) = (layer.hook(double.clone()), layer.hook(double));
        let input = Tensor::from_floats(vec![-1.0, 3.0], &[2], &Device::cpu()).unwrap();
        layer.realise("layer", 0, &Device::cpu()).unwrap();
        assert_eq!(layer.forward(&input).unwrap().floats().unwrap(), [0.0, 12.0]);
        let _two = layer.hook(Rc::new(|_, _, outputs| Ok(Some(vec![outputs[0].clone(), outputs[0].clone()]))));
        let error = layer.forward(&input).unwrap_err().to_string();
        assert_eq!(error, "layer: hook: a hook of relu gave 2 values in the place of one");
    }
}
