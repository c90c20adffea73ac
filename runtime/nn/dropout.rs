//! Layers that drop values at random in training mode, and are the identity in evaluation mode. What is dropped is a
//! draw: whoever runs the forward pass keys it ([`super::drawing`]).

use super::{Layer, Module, drawing::next_draw, module::single};
use crate::{Error, Result, Tensor, options::check, tensor::Dropping};

/// What is dropped, or kept, as a whole.
#[derive(Clone, Copy, PartialEq)]
enum Whole {
    Value,
    Channel,
    Row,
}

#[derive(Clone, Copy)]
struct Dropout {
    whole: Whole,
    p: f64,
}

/// Each value is 0 with probability p, and divided by 1 − p where not (Srivastava et al. 2014).
///
/// # Errors
/// A probability outside of 0 to 1.
pub fn dropout(p: f64) -> Result<Module> {
    Dropout::module(Whole::Value, p)
}

/// The same of channels: each `[H, W]` of `[N, C, H, W]` is dropped as a whole (Tompson et al. 2015).
///
/// # Errors
/// As [`dropout`].
pub fn dropout2d(p: f64) -> Result<Module> {
    Dropout::module(Whole::Channel, p)
}

/// The same of rows: the first dim counts them. In a residual branch it is stochastic depth (Huang et al. 2016).
///
/// # Errors
/// As [`dropout`].
pub fn drop_path(p: f64) -> Result<Module> {
    Dropout::module(Whole::Row, p)
}

impl Dropout {
    fn module(whole: Whole, p: f64) -> Result<Module> {
        let layer = Self { whole, p };
        check(layer.op(), "p", &p, &(0.0..=1.0), None)?;
        Ok(Module::new(layer))
    }

    fn op(&self) -> &'static str {
        match self.whole {
            Whole::Value => "dropout",
            Whole::Channel => "dropout2d",
            Whole::Row => "drop_path",
        }
    }

    /// The shape of what is drawn for an input: one number for all that is dropped together.
    fn drawn(&self, input: &Tensor) -> Result<Vec<usize>> {
        let (kept, want) = match self.whole {
            Whole::Value => return Ok(input.shape().to_vec()),
            Whole::Channel => (2, "wants [N, C, ...]"),
            Whole::Row => (1, "wants [N, ...]"),
        };
        if input.rank() < kept {
            return Err(Error::Shape { op: self.op().into(), want: want.into(), got: input.shape().to_vec() });
        }
        let sizes = input.shape().iter().enumerate();
        Ok(sizes.map(|(dim, size)| if dim < kept { *size } else { 1 }).collect())
    }
}

impl Layer for Dropout {
    fn kind(&self) -> &str {
        self.op()
    }

    fn describe(&self) -> String {
        format!("{}({})", self.op(), self.p)
    }

    fn forward(&self, module: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let input = single(self.op(), inputs)?;
        input.want_float(self.op())?;
        let shape = self.drawn(input)?;
        if !module.is_training() || self.p == 0.0 {
            return Ok(input.clone());
        }
        let (stream, key) = next_draw(self.op(), module)?;
        input.mul(&Dropping { p: self.p, stream, key }.factors(&shape, input)?)
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(*self)
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::{
        Device,
        nn::{StepKeys, drawing_by, sequential},
        tensor::gradients,
    };

    fn ones(shape: &[usize]) -> Tensor {
        Tensor::ones(shape, &Device::cpu()).unwrap()
    }

    fn run(module: &Module, input: &Tensor, step: u64) -> Vec<f32> {
        drawing_by(Rc::new(StepKeys::new(1, step)), || module.forward(input)).unwrap().floats().unwrap()
    }

    #[test]
    fn what_is_dropped_together_is_dropped_together() {
        for (module, size) in [(dropout2d(0.5).unwrap(), 12), (drop_path(0.5).unwrap(), 60)] {
            let found = run(&module, &ones(&[40, 5, 4, 3]), 0);
            let wholes: Vec<f32> = found.chunks(size).map(|whole| whole[0]).collect();
            assert!(found.chunks(size).all(|whole| whole.iter().all(|value| *value == whole[0])));
            assert!(wholes.contains(&0.0) && wholes.contains(&2.0), "{wholes:?}");
        }
    }

    #[test]
    fn two_dropouts_of_a_step_differ_and_the_same_step_gives_the_same() {
        let both = sequential(vec![dropout(0.5).unwrap(), dropout(0.5).unwrap()]);
        both.realise("model", 0, &Device::cpu()).unwrap();
        let x = ones(&[500]);
        let [first, second] = ["0", "1"].map(|name| run(both.child(name).unwrap(), &x, 4));
        assert_ne!(first, second);
        assert_eq!(run(&both, &x, 4), first.iter().zip(&second).map(|(a, b)| a * b).collect::<Vec<_>>());
        assert_ne!(run(&both, &x, 5), run(&both, &x, 4));
    }

    #[test]
    fn the_gradient_goes_where_values_are_kept() {
        let (module, x) = (dropout(0.25).unwrap(), ones(&[7, 9]).requires_grad().unwrap());
        let keys = || Rc::new(StepKeys::new(1, 0));
        let y = drawing_by(keys(), || module.forward(&x)).unwrap();
        let gradient = gradients(&y.sum(None, false).unwrap(), std::slice::from_ref(&x)).unwrap();
        assert_eq!(gradient[0].floats().unwrap(), y.floats().unwrap());
    }

    #[test]
    fn in_evaluation_it_is_the_identity_and_needs_no_keys() {
        let module = dropout(0.9).unwrap();
        let x = ones(&[3]);
        let error = module.forward(&x).unwrap_err().to_string();
        assert_eq!(
            error,
            "dropout: in training mode it draws, and nothing keys its draws: run the forward pass within \
             nn::drawing_by, or in evaluation mode"
        );
        module.set_training(false);
        assert!(module.forward(&x).unwrap().is_same(&x));
        let none = dropout(0.0).unwrap();
        assert!(none.forward(&x).unwrap().is_same(&x));
    }

    #[test]
    fn mistakes_are_told() {
        let message = |result: Result<Module>| result.unwrap_err().to_string();
        assert_eq!(message(dropout(1.5)), "dropout: p must be from 0 to 1, got 1.5");
        assert_eq!(message(drop_path(f64::NAN)), "drop_path: p must be from 0 to 1, got NaN");
        let error = dropout2d(0.5).unwrap().forward(&ones(&[3])).unwrap_err().to_string();
        assert_eq!(error, "dropout2d: wants [N, C, ...], got shape [3]");
        let ints = Tensor::from_ints(vec![1], &[1], &Device::cpu()).unwrap();
        let error = dropout(0.5).unwrap().forward(&ints).unwrap_err().to_string();
        assert_eq!(error, "dropout: wants a float32 tensor, got int32");
    }
}
