//! Gradients: of one loss by all leaves, for an optimizer; of any outputs by any tensors, of any order.

use std::collections::HashMap;

use super::{Tensor, autocast::plain, is_grad_enabled, on_tape::former, scaling};
pub use crate::tape::Pass;
use crate::{Error, Result, guard::guard, position::number, tape};

/// What a backward pass left at the leaves.
#[derive(Default)]
pub struct Gradients(HashMap<(u64, u32), Tensor>);

impl Gradients {
    /// The backward pass from a scalar loss. It uses up the tape.
    ///
    /// # Errors
    /// A loss that is not a float scalar, that depends on no tensor that requires a gradient, or whose tape is used up;
    /// what the gradient of an operation fails with.
    pub fn of(loss: &Tensor) -> Result<Self> {
        Self::of_scaled(loss, 1.0)
    }

    /// The backward pass from a scalar loss times a factor, by which each gradient is divided again: a format of little
    /// range then holds gradients that are small. The factor should be a power of 2. Errors as [`Gradients::of`].
    pub fn of_scaled(loss: &Tensor, scale: f64) -> Result<Self> {
        let found = by_leaves(loss, None, scale, Pass::default())?;
        Ok(Self(found.into_iter().map(|(edge, gradient)| (edge.id(), gradient)).collect()))
    }

    /// What [`Tensor::backward`] has added up at leaves, as constants.
    pub fn added_up<'a>(leaves: impl Iterator<Item = &'a Tensor>) -> Self {
        let found = leaves.filter_map(|leaf| {
            let edge = leaf.edge.as_ref()?;
            Some((edge.id(), edge.leaf()?.gradient()?.detach()))
        });
        Self(found.collect())
    }

    /// Adds others to them.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn add(&mut self, others: Self) -> Result<()> {
        for (leaf, gradient) in others.0 {
            let sum = match self.0.remove(&leaf) {
                Some(before) => before.add(&gradient)?,
                None => gradient,
            };
            self.0.insert(leaf, sum);
        }
        Ok(())
    }

    /// Sets the gradient at a leaf. What is on no tape has none.
    pub fn insert(&mut self, leaf: &Tensor, gradient: Tensor) {
        if let Some(edge) = &leaf.edge {
            self.0.insert(edge.id(), gradient);
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the gradient at a leaf; none where the loss does not depend on it, or where it was taken.
    pub fn take(&mut self, leaf: &Tensor) -> Option<Tensor> {
        self.0.remove(&leaf.edge.as_ref()?.id())
    }
}

impl Tensor {
    /// Adds the gradients of this tensor to those of all leaves that it depends on ([`Tensor::gradient`]). `gradient` is
    /// that by this tensor itself, 1 for a scalar. They are divided by `scale`, which the tensor is multiplied by.
    ///
    /// # Errors
    /// A tensor that is not float, that depends on nothing that requires a gradient, whose tape is used up, or that is
    /// no scalar where no gradient is given; a gradient of another shape; what an operation's gradient fails with. No
    /// gradient is then added, unless memory runs out meanwhile; nor where a function is only computed again.
    pub fn backward(&self, gradient: Option<&Self>, scale: f64, pass: Pass) -> Result<()> {
        let found = by_leaves(self, gradient, scale, pass)?;
        if tape::is_again() {
            return Ok(());
        }
        found.into_iter().try_for_each(|(edge, gradient)| match edge.leaf() {
            Some(leaf) => tape::recording(pass.create_graph, || leaf.add(gradient)),
            None => Ok(()),
        })
    }
}

fn by_leaves(loss: &Tensor, gradient: Option<&Tensor>, scale: f64, pass: Pass) -> Result<tape::Found<Tensor>> {
    const OP: &str = "backward";
    let root = root(OP, "the loss", loss, gradient)?;
    let scaled = |gradient: Tensor, factor| if scale == 1.0 { Ok(gradient) } else { gradient.mul_scalar(factor) };
    let root = (root.0, scaled(root.1, scale)?);
    let found = guard(OP, || scaling::scaled(scale, || plain(|| tape::backward(vec![root], pass))))?;
    found.into_iter().map(|(edge, gradient)| Ok((edge, scaled(gradient, 1.0 / scale)?))).collect()
}

/// An output, and the gradient to begin with.
fn root(op: &'static str, what: &str, output: &Tensor, gradient: Option<&Tensor>) -> Result<(Tensor, Tensor)> {
    output.want_float(op)?;
    let gradient = match gradient {
        None if output.len() != 1 => {
            let want = format!("{what} must be a scalar");
            return Err(Error::Shape { op: op.into(), want, got: output.shape().to_vec() });
        }
        None => Tensor::full(1.0, output.shape(), output.dtype(), output.device())?,
        Some(gradient) => {
            gradient.want_float(op)?;
            output.want_device(op, gradient)?;
            if gradient.shape() != output.shape() {
                return Err(Error::Shapes { op, left: output.shape().to_vec(), right: gradient.shape().to_vec() });
            }
            gradient.to_dtype(output.dtype())?
        }
    };
    if !output.is_tracked() {
        let why = if is_grad_enabled() { "" } else { ": nothing is recorded inside no_grad" };
        return Err(Error::State { op, reason: format!("{what} depends on nothing that requires a gradient{why}") });
    }
    Ok((output.clone(), gradient))
}

/// d loss / d input for each input, in order; zeros where the loss does not depend on the input. It uses up the tape.
///
/// # Errors
/// As [`grad`].
pub fn gradients(loss: &Tensor, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
    grad(std::slice::from_ref(loss), &[None], inputs, Pass::default())
}

/// Σ gradient · d output / d input for each input, in order, which may be a leaf or not; zeros where no output depends on
/// it. Under `create_graph` the gradients are on the tape themselves. A gradient by an output may be left out for a
/// scalar, and is then 1.
///
/// # Errors
/// An output that is not float, depends on nothing that requires a gradient, or is no scalar and has no gradient given;
/// a gradient of another shape; an input that is on no tape; a tape that is used up; what the gradient of an operation
/// fails with; under `create_graph` an operation whose gradient has none itself, where that is needed.
pub fn grad(outputs: &[Tensor], grad_outputs: &[Option<Tensor>], inputs: &[Tensor], pass: Pass) -> Result<Vec<Tensor>> {
    const OP: &str = "grad";
    if outputs.is_empty() {
        return Err(Error::argument(OP, "outputs", "at least one tensor", "none"));
    }
    if outputs.len() != grad_outputs.len() {
        let want = format!("one for each of the {} outputs", outputs.len());
        return Err(Error::argument(OP, "grad_outputs", want, grad_outputs.len()));
    }
    let roots = outputs.iter().zip(grad_outputs).enumerate().map(|(place, (output, gradient))| {
        let what = if outputs.len() == 1 { "the loss".into() } else { format!("output {}", number(place)) };
        root(OP, &what, output, gradient.as_ref())
    });
    let roots = roots.collect::<Result<Vec<_>>>()?;
    let edges = inputs.iter().enumerate().map(|(place, input)| {
        input.edge.clone().ok_or_else(|| {
            let place = number(place);
            let reason = format!(
                "input {place} does not require a gradient: make it by requires_grad, and compute the loss from that"
            );
            Error::State { op: OP, reason }
        })
    });
    let edges = edges.collect::<Result<Vec<_>>>()?;
    let found = guard(OP, || scaling::scaled(1.0, || plain(|| tape::gradients(roots, &edges, pass))))?;
    let gradients = found.into_iter().zip(inputs).enumerate().map(|(place, (gradient, input))| match gradient {
        Some(gradient) => Ok(gradient),
        None if input.is_replaced() => Err(former(OP, &format!("input {}", number(place)))),
        None => input.zeros_like(),
    });
    gradients.collect()
}
