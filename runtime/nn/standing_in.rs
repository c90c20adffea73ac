//! A layer whose weight is computed in each forward pass from parameters that take its place, named as those of PyTorch's
//! parametrizations.

use super::{Buffer, Module, Parameter};
use crate::{Error, Result, Tensor, tensor::size};

/// What computes with a weight that is none of its parameters.
pub(super) struct StandingIn {
    layer: Module,
    weight: Parameter,
    /// The dim of the weight that counts outputs.
    dim: usize,
}

impl StandingIn {
    /// A layer with a weight that has no values yet.
    ///
    /// # Errors
    /// It has values or parts, or no weight of as many dims.
    pub(super) fn new(op: &'static str, layer: Module, dim: Option<usize>) -> Result<Self> {
        let refuse = |reason: String| Err(Error::State { op, reason });
        let kind = layer.kind().to_owned();
        if layer.is_realised() || layer.parameters().iter().any(|(_, own)| own.value().is_ok()) {
            return refuse(format!("{kind} has values already; wrap a layer before it gets a name"));
        }
        if !layer.children().is_empty() {
            return refuse(format!("{kind} is made of others; wrap each layer with a weight that is to have it"));
        }
        let Some((_, weight)) = layer.parameters().into_iter().find(|(name, _)| name == "weight") else {
            return refuse(format!("{kind} has no weight"));
        };
        // A transposed convolution's outputs are the second dim of its weight.
        let dim = dim.unwrap_or(usize::from(kind.starts_with("conv_transpose")));
        if dim >= weight.shape().len() {
            let most = format!("at most {}, the dims of the weight", weight.shape().len());
            return Err(Error::argument(op, "dim", most, crate::position::number(dim)));
        }
        // Before its rows are multiplied.
        size::product(op, "the weight", weight.shape())?;
        Ok(Self { layer, weight, dim })
    }

    pub(super) fn dim(&self) -> usize {
        self.dim
    }

    pub(super) fn weight(&self) -> &Parameter {
        &self.weight
    }

    pub(super) fn describe(&self) -> String {
        self.layer.describe()
    }

    /// The layer's output with another weight, in the mode of the module around it.
    pub(super) fn forward(&self, around: &Module, weight: Tensor, inputs: &[Tensor]) -> Result<Tensor> {
        struct Restore<'a>(&'a Parameter, Option<Tensor>);
        impl Drop for Restore<'_> {
            fn drop(&mut self) {
                self.0.stand_in(self.1.take());
            }
        }
        self.layer.set_training(around.is_training());
        let _restore = Restore(&self.weight, self.weight.stand_in(Some(weight)));
        self.layer.call(inputs)
    }

    /// Its parameters but for the weight, with others behind them.
    pub(super) fn parameters(&self, others: Vec<(String, Parameter)>) -> Vec<(String, Parameter)> {
        let own = self.layer.parameters().into_iter().filter(|(name, _)| name != "weight");
        own.chain(others).collect()
    }

    pub(super) fn buffers(&self) -> Vec<(String, Buffer)> {
        self.layer.buffers()
    }

    /// A weight `[…]` as a matrix whose rows are the outputs.
    pub(super) fn rows(&self, weight: &Tensor) -> Result<Tensor> {
        let rows = self.row_count();
        let columns = weight.len().checked_div(rows).unwrap_or(0);
        let first = if self.dim == 0 { weight.clone() } else { weight.movedim(&[self.dim], &[0])? };
        first.reshape(&[rows, columns])
    }

    pub(super) fn row_count(&self) -> usize {
        self.weight.shape()[self.dim]
    }

    pub(super) fn fresh(&self) -> Self {
        let layer = self.layer.fresh();
        let weight = layer.parameters().into_iter().find(|(name, _)| name == "weight");
        let weight = weight.map_or_else(|| self.weight.fresh(), |(_, weight)| weight);
        Self { layer, weight, dim: self.dim }
    }
}
