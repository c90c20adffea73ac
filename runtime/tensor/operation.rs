//! Operations of our own on Burn's tape, whatever device the tensors are on: a kernel, or a computation on the host,
//! with a backward pass in terms of tensors.

use std::{cell::RefCell, fmt::Debug, marker::PhantomData};

use burn_backend::AutodiffBackend;
use burn_backend::{Backend, tensor::FloatTensor};
use burn_dispatch::{
    BackendTensor, Dispatch, DispatchAutodiffContext, DispatchKindConversion, DispatchTensor, DispatchTensorKind,
    backends::{
        Autodiff,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::NoCheckpointing},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
    },
};

use super::{Kind, Tensor};
use crate::{Device, Error, Result};

thread_local! {
    static FAILED: RefCell<Option<Error>> = const { RefCell::new(None) };
}

/// The error of the step that the last backward pass broke off at, once.
pub(super) fn take_failure() -> Option<Error> {
    FAILED.take()
}

/// What a backward pass needs to know of an operation on N float tensors.
pub(crate) trait Operation<const N: usize>: Clone + Debug + Send + 'static {
    /// dL/d input, from dL/d output, for each input that is wanted. None is an input that the output does not depend
    /// on.
    fn backward(&self, by_output: &Tensor, wanted: [bool; N]) -> Result<[Option<Tensor>; N]>;
}

/// A tensor that an operation keeps for its backward pass: without its tape and its account.
#[derive(Clone, Debug)]
pub(crate) struct Saved {
    raw: DispatchTensor,
    kind: Kind,
    shape: Vec<usize>,
    device: Device,
}

impl Saved {
    pub fn new(tensor: &Tensor) -> Self {
        let (kind, shape, device) = (tensor.kind, tensor.shape.clone(), tensor.device.clone());
        Self { raw: tensor.untracked_raw(), kind, shape, device }
    }

    pub fn tensor(&self) -> Tensor {
        Tensor::wrap(self.raw.clone(), self.kind, self.shape.clone(), &self.device)
    }
}

/// Puts an output that was computed without a tape on the tape of its inputs.
///
/// # Errors
/// Inputs and output on different devices.
pub(crate) fn record<O: Operation<N>, const N: usize>(
    op: &'static str,
    inputs: [&Tensor; N],
    output: Tensor,
    operation: O,
) -> Result<Tensor> {
    let operands = inputs.map(Tensor::raw);
    let context =
        operands.iter().map(|operand| operand.autodiff).find(|context| *context != DispatchAutodiffContext::Disabled);
    let Some(context) = context else { return Ok(output) };
    let lifted = operands.map(|operand| match operand.autodiff {
        DispatchAutodiffContext::Disabled => Dispatch::from_inner(operand),
        DispatchAutodiffContext::Enabled(_) => operand,
    });
    let state = (operation, output.shape.clone(), output.device.clone());
    let kind = match output.raw.kind.clone() {
        DispatchTensorKind::Flex(output) => all(lifted, |kind| match kind {
            DispatchTensorKind::Flex(tensor) => Some(tensor.autodiff()),
            _ => None,
        })
        .map(|operands| DispatchTensorKind::Flex(track(operands, output.float(), state))),
        DispatchTensorKind::Cube(output) => all(lifted, |kind| match kind {
            DispatchTensorKind::Cube(tensor) => Some(tensor.autodiff()),
            _ => None,
        })
        .map(|operands| DispatchTensorKind::Cube(track(operands, output.float(), state))),
        DispatchTensorKind::Autodiff(_) => None,
    };
    let Some(kind) = kind else {
        return Err(Error::State { op, reason: "its tensors are on different devices".into() });
    };
    let raw = DispatchTensor { kind: DispatchTensorKind::Autodiff(Box::new(kind)), autodiff: context };
    Ok(Tensor { raw, ..output })
}

fn all<T, const N: usize>(
    operands: [DispatchTensor; N],
    convert: impl Fn(DispatchTensorKind) -> Option<T>,
) -> Option<[T; N]> {
    let converted = operands.into_iter().map(|operand| match operand.kind {
        DispatchTensorKind::Autodiff(inner) => convert(*inner),
        _ => None,
    });
    converted.collect::<Option<Vec<T>>>()?.try_into().ok()
}

/// The operation, and the shape and the device of what it gave.
type State<O> = (O, Vec<usize>, Device);

fn track<B: Backend, O: Operation<N>, const N: usize>(
    operands: [FloatTensor<Autodiff<B>>; N],
    output: B::FloatTensorPrimitive,
    state: State<O>,
) -> BackendTensor<B>
where
    DispatchTensor: DispatchKindConversion<B>,
{
    let nodes = operands.each_ref().map(|operand| operand.node());
    let step = Step::<O>(PhantomData);
    BackendTensor::Autodiff(
        match Backward::<B, N>::prepare::<NoCheckpointing>(step, nodes).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(state, output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        },
    )
}

/// A step of the backward pass.
#[derive(Debug)]
struct Step<O>(PhantomData<O>);

impl<B: Backend, O: Operation<N>, const N: usize> Backward<B, N> for Step<O>
where
    DispatchTensor: DispatchKindConversion<B>,
{
    type State = State<O>;

    fn backward(self, ops: Ops<Self::State, N>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let (operation, shape, device) = ops.state;
        let raw = BackendTensor::Float(gradients.consume::<B>(&ops.node));
        let by_output = Tensor::wrap(DispatchTensor::from_backend(raw), Kind::Float, shape, &device);
        let wanted = ops.parents.each_ref().map(Option::is_some);
        // Burn gives a backward step no way to fail; the guard around the backward pass makes an error of the panic.
        let found = operation.backward(&by_output, wanted).unwrap_or_else(|error| {
            let message = error.to_string();
            FAILED.set(Some(error));
            panic!("{message}")
        });
        for (parent, gradient) in ops.parents.into_iter().zip(found) {
            if let (Some(node), Some(gradient)) = (parent, gradient) {
                // Whole, so that nothing else holds it: Burn then adds to it in place where an input has several.
                let raw = DispatchTensor::try_into_backend(gradient.into_untracked_raw());
                gradients.register::<B>(node.id, raw.expect("a gradient is on its input's device").float());
            }
        }
    }
}
