//! Tensors of dynamic rank (0 to 6) over Burn's rank-free dispatch layer. Every operation checks kinds and
//! shapes first, so that what Burn would panic on is an error here. Dims and positions count from 0 in the core;
//! `crate::position` converts. Tensors are immutable values: cloning shares everything. The rule of an operation's
//! gradient stands in the operation's own file; what a tape is, in `tape/`.
//!
//! Described in `runtime/book/20-tensors.md`.

/// Calls the operation of Burn that fits the kind.
macro_rules! by_kind {
    ($kind:expr, $float:ident, $int:ident, $bool:ident($($argument:expr),*)) => {
        match $kind {
            $crate::tensor::Kind::Float => <burn_dispatch::Dispatch as burn_backend::ops::FloatTensorOps<_>>::$float($($argument),*),
            $crate::tensor::Kind::Int => <burn_dispatch::Dispatch as burn_backend::ops::IntTensorOps<_>>::$int($($argument),*),
            $crate::tensor::Kind::Bool => <burn_dispatch::Dispatch as burn_backend::ops::BoolTensorOps<_>>::$bool($($argument),*),
        }
    };
}

mod activations;
mod adaptive_max;
mod assign;
mod attention;
mod autocast;
mod autograd;
mod binary_cross_entropy;
mod bounds;
mod cast;
mod check_gradient;
mod class_labels;
mod class_names;
mod closeness;
mod compare;
mod convolution;
mod convolution_transpose;
mod count;
mod cpu;
mod create;
mod cumulative;
mod diagonals;
mod dims;
mod display;
mod dropping;
mod dtype;
mod einsum;
mod elementwise;
mod empty;
mod equality;
mod exactness;
mod exponentials;
#[cfg(test)]
mod fixture;
mod flat;
mod functions;
mod gather;
mod gpu;
mod grids;
mod host;
mod host_matrix;
mod index;
mod index_write;
mod indexing;
mod integer;
mod join;
mod kind;
mod layout;
mod lerp;
mod linalg;
mod linear;
mod lines;
mod logic;
mod logsumexp;
mod masked;
mod matmul;
mod normalization;
mod on_tape;
mod order;
mod padding;
mod parts;
mod patches;
mod pooling;
mod power;
mod precision;
mod product;
mod promotion;
mod quantile;
mod random;
mod ranges;
mod recurrence;
mod reduce;
mod repeating;
mod resizing;
mod rounding;
mod scaling;
mod scatter;
mod scatter_reduce;
mod search;
mod shape;
pub(crate) mod size;
mod softmax;
mod solve_spd;
mod special;
mod spread;
mod squared_distances;
mod standardising;
mod sum;
mod svm;
mod trigonometry;
mod turning;
mod unbinding;

use std::{cell::Cell, rc::Rc};

use burn_backend::{Shape, TensorMetadata};
use burn_dispatch::DispatchTensor;

pub use attention::Attention;
pub use autocast::{Scopes, autocast, autocast_modules};
pub(crate) use autocast::{in_float32, in_module};
pub use autograd::{Gradients, Pass, grad, gradients};
pub use check_gradient::GradientCheck;
pub(crate) use class_labels::class_labels;
pub use closeness::Closeness;
pub use convolution::Convolution;
#[cfg(test)]
pub(crate) use cpu::layout_copies;
pub use dims::Dims;
pub use display::format_shape;
pub use dropping::Dropping;
pub use dtype::DType;
pub use equality::first_difference;
pub use exactness::{Exactness, is_exact};
pub use gpu::convolution::ConvolutionKernels;
pub(crate) use gpu::forget as forget_doubts;
pub use host::Elements;
pub use index::Pick;
pub use indexing::IndexPutOptions;
pub use kind::Kind;
pub use linalg::{MatrixNorm, Triangular};
pub use normalization::{BatchNorm, Behind};
pub use on_tape::{is_grad_enabled, no_grad};
pub use padding::{PadMode, PadOptions};
pub use patches::PatchOptions;
pub use pooling::Window;
pub use precision::Precision;
pub use quantile::Interpolation;
pub use random::{Parameter, Source, TruncatedNormal};
pub use resizing::{Resize, ResizeMode};
pub use scatter_reduce::{Reduce, ScatterOptions};
pub use search::Unique;
pub use shape::MAX_RANK;
pub(crate) use shape::check as check_shape;
pub use standardising::Affine;
pub use svm::SvmOptions;

use crate::{Device, Result, data::ClassNames, memory::Lease, tape::Edge};

/// An n-dimensional array of floats, ints or truth values on a device. A handle: cloning it copies no element.
#[derive(Clone)]
pub struct Tensor {
    value: Rc<Array>,
    /// The operation that made it; none for a constant.
    edge: Option<Edge<Tensor>>,
    /// What the elements count, if they are labels of classes that have names.
    classes: Option<ClassNames>,
    /// Whether it is other dims or a part of another tensor: what is written into it would not change that one.
    is_view: bool,
}

/// The elements, and what they are.
struct Array {
    /// Burn's tensor. A rank-0 tensor is one of shape [1] to Burn.
    raw: DispatchTensor,
    kind: Kind,
    shape: Vec<usize>,
    device: Device,
    /// Grows from one to the next of a thread.
    number: u64,
    /// How many operations on the tape keep it.
    keepers: Cell<usize>,
    /// Accounts for the bytes while any handle to this value lives.
    lease: Lease,
}

thread_local! {
    static NEXT: Cell<u64> = const { Cell::new(0) };
}

impl Tensor {
    /// Wraps what a Burn operation returned; `shape` is the shape that the user sees.
    pub(crate) fn wrap(raw: DispatchTensor, kind: Kind, shape: Vec<usize>, device: &Device) -> Self {
        let count = shape.iter().product::<usize>();
        debug_assert!(count == 0 || raw.shape().num_elements() == count, "logical and raw sizes agree");
        let lease = Lease::new(count * DType::from(raw.dtype()).bytes());
        let number = NEXT.replace(NEXT.get() + 1);
        let value = Array { raw, kind, shape, device: device.clone(), number, keepers: Cell::new(0), lease };
        Self { value: Rc::new(value), edge: None, classes: None, is_view: false }
    }

    /// The same device, a new value.
    fn with(&self, raw: DispatchTensor, kind: Kind, shape: Vec<usize>) -> Self {
        Self::wrap(raw, kind, shape, self.device())
    }

    /// The same device, and elements of this one: what labels count stays.
    fn with_own(&self, raw: DispatchTensor, kind: Kind, shape: Vec<usize>) -> Self {
        self.with(raw, kind, shape).counting_as(self)
    }

    /// As [`Tensor::with_own`], for what is this tensor's memory in PyTorch: nothing is written into it.
    fn view_of_own(&self, raw: DispatchTensor, kind: Kind, shape: Vec<usize>) -> Self {
        Self { is_view: true, ..self.with_own(raw, kind, shape) }
    }

    /// The same as a part of something else: writing into it is refused, since it would not change that.
    pub(crate) fn to_view(&self) -> Self {
        Self { is_view: true, ..self.clone() }
    }

    /// A tensor of its own with the same elements, which are copied once one of the two is written into.
    pub fn to_owned_tensor(&self) -> Self {
        Self { is_view: false, ..self.clone() }
    }

    /// The size of every dim. Empty for a scalar.
    pub fn shape(&self) -> &[usize] {
        &self.value.shape
    }

    /// The number of dims, 0 to 6.
    pub fn rank(&self) -> usize {
        self.shape().len()
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.shape().iter().product()
    }

    /// Whether a dim is 0, so that there is no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Float, int or bool.
    pub fn kind(&self) -> Kind {
        self.value.kind
    }

    /// The format of its elements.
    pub fn dtype(&self) -> DType {
        if self.kind() == Kind::Bool { DType::Bool } else { self.value.raw.dtype().into() }
    }

    /// Whether Burn's own operations compute with it: it is on a GPU, or in a format that kernels of our own are not for.
    pub(super) fn is_burns(&self) -> bool {
        self.device().is_gpu() || self.dtype() != DType::Float32
    }

    /// Where the elements live.
    pub fn device(&self) -> &Device {
        &self.value.device
    }

    /// Burn's tensor as an operand. Burn's operations know row-major order: what lies otherwise they copy, or leave in
    /// another order.
    pub(crate) fn raw(&self) -> DispatchTensor {
        #[cfg(test)]
        cpu::note_given(&self.value.raw);
        self.raw_in_any_order()
    }

    /// Burn's tensor for an operation that takes elements in the order in which they lie.
    fn raw_in_any_order(&self) -> DispatchTensor {
        self.before_burn();
        self.value.raw.clone()
    }

    /// Burn's tensor for a kernel of our own, which comes after others of them in any case.
    fn raw_of_kernels(&self) -> DispatchTensor {
        assert!(!self.is_empty(), "an operation looks whether a tensor has elements before it asks for them");
        self.value.raw.clone()
    }

    /// Every operation of Burn's on a tensor comes by here: kernels of our own that are held back go first.
    fn before_burn(&self) {
        assert!(!self.is_empty(), "an operation looks whether a tensor has elements before it asks for them");
        if self.device().is_gpu() {
            // Where they are refused the device is given up, which the next read or launch says.
            let _ = crate::gpu::hand_over();
        }
    }

    /// Burn's tensor. An operation may write into its memory where nothing else holds it.
    fn into_raw(self) -> DispatchTensor {
        #[cfg(test)]
        cpu::note_given(&self.value.raw);
        self.into_raw_in_any_order()
    }

    /// As [`Tensor::into_raw`], for an operation that takes elements in the order in which they lie.
    fn into_raw_in_any_order(self) -> DispatchTensor {
        self.before_burn();
        match Rc::try_unwrap(self.value) {
            Ok(value) => value.raw,
            Err(shared) => shared.raw.clone(),
        }
    }

    /// Burn's tensor with the given dims, for broadcasting operations.
    fn raw_as(&self, shape: &[usize]) -> DispatchTensor {
        reshape_raw(self.raw(), self.kind(), shape)
    }

    /// The place of its elements among all that the thread has made.
    pub(crate) fn number(&self) -> u64 {
        self.value.number
    }

    /// The number that the next elements will have.
    pub(crate) fn next_number() -> u64 {
        NEXT.get()
    }

    /// Whether both are handles to the same elements.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.value, &other.value)
    }

    /// An error unless this is a float tensor.
    pub(crate) fn want_float(&self, op: &'static str) -> Result<()> {
        self.want(op, Kind::Float)
    }

    fn want(&self, op: &'static str, kind: Kind) -> Result<()> {
        if self.kind() == kind {
            return Ok(());
        }
        Err(crate::Error::Kind { op, want: kind.name(), got: self.dtype().name() })
    }
}

/// The dims that Burn sees: rank 0 is [1].
fn raw_shape(shape: &[usize]) -> Shape {
    if shape.is_empty() { Shape::from([1usize]) } else { shape.iter().copied().collect() }
}

fn reshape_raw(raw: DispatchTensor, kind: Kind, shape: &[usize]) -> DispatchTensor {
    let target = raw_shape(shape);
    if raw.shape() == target {
        return raw;
    }
    by_kind!(kind, float_reshape, int_reshape, bool_reshape(raw, target))
}
