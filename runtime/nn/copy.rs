//! Modules that follow others: copies with equal values, averages of another's parameters, calls with other parameters
//! in place of a module's own.

use std::collections::BTreeMap;

use super::{Buffer, Module, Parameter};
use crate::{
    Error, Result, Tensor,
    tensor::{DType, Kind, no_grad},
};

impl Module {
    /// A module of the same description with the values that this one has now, and no name yet.
    ///
    /// # Errors
    /// It has no values.
    pub fn copy(&self) -> Result<Self> {
        self.located(self.copy_values())
    }

    fn copy_values(&self) -> Result<Self> {
        if !self.values_are_set() {
            let reason = format!("{} has no values to copy yet: give it a name in the session first", self.kind());
            return Err(Error::State { op: "copy", reason });
        }
        let copy = self.fresh();
        for ((_, own), (_, other)) in copy.parameters().into_iter().zip(self.parameters()) {
            own.set(other.value()?)?;
            own.set_frozen(other.is_frozen());
        }
        for ((_, own), (_, other)) in copy.buffers().into_iter().zip(self.buffers()) {
            own.set(other.value()?)?;
        }
        Ok(copy)
    }

    /// Moves each parameter towards the one of the same name in `online`: p ← m·p + (1 − m)·p′ (the target network of
    /// BYOL, the momentum encoder of MoCo). With `buffers` running statistics move likewise, and buffers of ints and truth
    /// values are taken over; else they are left to the module's own forward passes.
    ///
    /// # Errors
    /// A momentum outside 0 to 1; other parameters. Nothing has changed then.
    pub fn ema_update(&self, online: &Self, momentum: f64, buffers: bool) -> Result<()> {
        self.located(self.follow(online, momentum, buffers))
    }

    fn follow(&self, online: &Self, momentum: f64, buffers: bool) -> Result<()> {
        const OP: &str = "ema_update";
        if !(0.0..=1.0).contains(&momentum) {
            return Err(Error::argument(OP, "momentum", "from 0 to 1", momentum));
        }
        let (own, other) = (self.parameters(), online.parameters());
        let differ = || Error::argument(OP, "online", format!("a copy of {}", self.describe()), online.describe());
        if own.len() != other.len() {
            return Err(differ());
        }
        let next = own.iter().zip(&other).map(|((name, own), (other_name, other))| {
            if name != other_name || own.shape() != other.shape() {
                return Err(differ());
            }
            average(&own.value()?, &other.value()?, momentum)
        });
        let next = next.collect::<Result<Vec<_>>>()?;
        let (statistics, of_online) = if buffers { (self.buffers(), online.buffers()) } else { Default::default() };
        if statistics.len() != of_online.len() {
            return Err(differ());
        }
        let moved = statistics.iter().zip(&of_online).map(|((name, own), (other_name, other))| {
            if name != other_name || own.shape() != other.shape() || own.dtype() != other.dtype() {
                return Err(differ());
            }
            // There is nothing between two counts.
            if own.dtype().kind() != Kind::Float {
                other.value()
            } else {
                average(&own.value()?, &other.value()?, momentum)
            }
        });
        let moved = moved.collect::<Result<Vec<_>>>()?;
        statistics.iter().zip(moved).try_for_each(|((_, own), value)| own.set(value))?;
        own.into_iter().zip(next).try_for_each(|((_, own), value)| own.set(value))
    }

    /// The outputs for inputs, with the given tensors in place of the parameters and buffers of these paths, as PyTorch's
    /// `functional_call`. Gradients flow to the tensors. All others are the module's own. What the call moves of a buffer
    /// that was given, a running mean say, is forgotten with it.
    ///
    /// # Errors
    /// A path that is no parameter and no buffer; a tensor of another shape or kind; as [`Module::call`].
    pub fn functional_call(&self, tensors: &BTreeMap<String, Tensor>, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        self.located(self.call_with(tensors, inputs))
    }

    fn call_with(&self, tensors: &BTreeMap<String, Tensor>, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        const OP: &str = "functional_call";
        let (parameters, buffers) = (self.parameters(), self.buffers());
        let parameters = parameters.into_iter().map(|(name, parameter)| (name, Place::Parameter(parameter)));
        let places: BTreeMap<String, Place> =
            parameters.chain(buffers.into_iter().map(|(name, buffer)| (name, Place::Buffer(buffer)))).collect();
        let mut placed = Vec::with_capacity(tensors.len());
        for (name, tensor) in tensors {
            let Some(place) = places.get(name) else {
                return Err(Error::unknown(OP, "parameter or buffer", name, places.keys()));
            };
            let (shape, dtype) = place.format();
            if tensor.shape() != shape || tensor.kind() != dtype.kind() {
                let want = format!("{} {shape:?}", dtype.name());
                return Err(Error::argument(OP, name, want, format!("{} {:?}", tensor.kind(), tensor.shape())));
            }
            placed.push((place.clone(), tensor.clone()));
        }
        let _placed = Placed::new(placed);
        self.call_all(inputs)
    }

    pub(super) fn values_are_set(&self) -> bool {
        self.parameters().iter().all(|(_, parameter)| parameter.value().is_ok())
            && self.buffers().iter().all(|(_, buffer)| buffer.value().is_ok())
    }
}

fn average(own: &Tensor, other: &Tensor, momentum: f64) -> Result<Tensor> {
    no_grad(|| own.mul_scalar(momentum)?.add(&other.mul_scalar(1.0 - momentum)?))
}

/// Where a tensor may stand in for another one.
#[derive(Clone)]
enum Place {
    Parameter(Parameter),
    Buffer(Buffer),
}

impl Place {
    fn format(&self) -> (&[usize], DType) {
        match self {
            Self::Parameter(parameter) => (parameter.shape(), DType::Float32),
            Self::Buffer(buffer) => (buffer.shape(), buffer.dtype()),
        }
    }

    fn put(&self, tensor: Option<Tensor>) -> Option<Tensor> {
        match self {
            Self::Parameter(parameter) => parameter.stand_in(tensor),
            Self::Buffer(buffer) => buffer.swap(tensor),
        }
    }
}

/// Tensors that stand in for others until it is dropped, with those.
struct Placed(Vec<(Place, Option<Tensor>)>);

impl Placed {
    fn new(tensors: Vec<(Place, Tensor)>) -> Self {
        let put = |(place, tensor): (Place, Tensor)| {
            let before = place.put(Some(tensor));
            (place, before)
        };
        Self(tensors.into_iter().map(put).collect())
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        for (place, before) in self.0.drain(..).rev() {
            place.put(before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        nn::{BatchNormOptions, batch_norm, linear, sequential},
        tensor::gradients,
    };

    fn model() -> Module {
        let model = sequential(vec![linear(2, 3, true), batch_norm(3, BatchNormOptions::default())]);
        model.realise("online", 3, &Device::cpu()).unwrap();
        model
    }

    fn values(module: &Module) -> Vec<f32> {
        module.state().iter().flat_map(|(_, tensor)| tensor.floats().unwrap()).collect()
    }

    #[test]
    fn a_copy_has_the_values_also_under_a_name_of_its_own_and_then_goes_its_way() {
        let online = model();
        let target = online.copy().unwrap();
        let input = Tensor::from_floats(vec![1.0, -2.0, 0.5, 3.0], &[2, 2], &Device::cpu()).unwrap();
        assert_eq!(
            target.forward(&input).unwrap().floats().unwrap(),
            online.forward(&input).unwrap().floats().unwrap()
        );
        target.realise("target", 9, &Device::cpu()).unwrap();
        assert_eq!(values(&target), values(&online));
        online.parameters()[0].1.set(Tensor::zeros(&[3, 2], &Device::cpu()).unwrap()).unwrap();
        assert_ne!(values(&target), values(&online));
        let error = sequential(vec![linear(2, 2, true)]).copy().unwrap_err().to_string();
        assert_eq!(error, "copy: sequential has no values to copy yet: give it a name in the session first");
    }

    #[test]
    fn an_average_moves_parameters_by_the_formula_and_no_statistics() {
        let (online, target) = (model(), model().copy().unwrap());
        let (before, moved) = (values(&target), Tensor::full(2.0, &[3, 2], Kind::Float, &Device::cpu()).unwrap());
        online.parameters()[0].1.set(moved).unwrap();
        online.buffers()[0].1.set(Tensor::ones(&[3], &Device::cpu()).unwrap()).unwrap();
        target.ema_update(&online, 0.75, false).unwrap();
        let after = values(&target);
        assert!((0..6).all(|i| (after[i] - (0.75 * before[i] + 0.25 * 2.0)).abs() < 1e-6));
        assert_eq!(after[6..], before[6..]);
        assert!(
            target.ema_update(&online, 1.5, false).unwrap_err().to_string().contains("momentum must be from 0 to 1")
        );
        assert!(target.ema_update(&linear(2, 3, true), 0.5, false).is_err());
    }

    #[test]
    fn a_functional_call_uses_the_tensors_and_sends_them_the_gradient() {
        let device = Device::cpu();
        let module = linear(2, 1, true);
        module.realise("head", 0, &device).unwrap();
        let weight = Tensor::from_floats(vec![3.0, 4.0], &[1, 2], &device).unwrap().requires_grad().unwrap();
        let input = Tensor::from_floats(vec![1.0, 2.0], &[1, 2], &device).unwrap();
        let given = BTreeMap::from([("weight".to_owned(), weight.clone())]);
        let bias = module.parameters()[1].1.value().unwrap().item().unwrap();
        let output = module.functional_call(&given, std::slice::from_ref(&input)).unwrap();
        assert!((output[0].item().unwrap() - 11.0 - bias).abs() < 1e-6);
        assert_eq!(gradients(&output[0], &[weight]).unwrap()[0].floats().unwrap(), [1.0, 2.0]);
        assert_ne!(module.forward(&input).unwrap().item().unwrap(), 11.0 + bias);
        let wrong = BTreeMap::from([("wieght".to_owned(), input.clone())]);
        let error = module.functional_call(&wrong, std::slice::from_ref(&input)).unwrap_err().to_string();
        assert_eq!(error, "head: functional_call: unknown parameter or buffer 'wieght'; did you mean 'weight'?");
        let wrong = BTreeMap::from([("bias".to_owned(), input.clone())]);
        assert!(module.functional_call(&wrong, &[input]).unwrap_err().to_string().contains("bias must be float32 [1]"));
    }
}
