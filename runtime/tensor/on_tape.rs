//! Tensors on the tape: leaves, constants, and how the tape adds them up and counts them.

use std::{cell::RefCell, thread::LocalKey};

use super::{Kind, Tensor, cpu, scaling::hooked};
use crate::{
    Error, Result,
    tape::{self, Edge, HookHandle, Hooks, Scope, Value},
};

thread_local! {
    static SCOPES: RefCell<Vec<Scope<Tensor>>> = const { RefCell::new(Vec::new()) };
}

impl Value for Tensor {
    fn edge(&self) -> Option<&Edge<Self>> {
        self.edge.as_ref()
    }

    fn on(self, edge: Option<Edge<Self>>) -> Self {
        Self { edge, ..self }
    }

    fn plus(self, other: Self) -> Result<Self> {
        if tape::is_recording() || self.is_empty() {
            return self.add(&other);
        }
        let (shape, device) = (self.shape().to_vec(), self.device().clone());
        let sum = cpu::add(self.into_raw_in_any_order(), other.into_raw_in_any_order());
        Ok(Self::wrap(sum, Kind::Float, shape, &device))
    }

    fn keep(&self) -> usize {
        let keepers = self.value.keepers.get();
        self.value.keepers.set(keepers + 1);
        if keepers == 0 { self.value.lease.bytes() } else { 0 }
    }

    fn let_go(&self) -> usize {
        let keepers = self.value.keepers.get() - 1;
        self.value.keepers.set(keepers);
        if keepers == 0 { self.value.lease.bytes() } else { 0 }
    }

    fn outline(&self) -> String {
        format!("{} {:?}", self.dtype(), self.shape())
    }

    fn scopes() -> &'static LocalKey<RefCell<Vec<Scope<Self>>>> {
        &SCOPES
    }
}

impl Tensor {
    /// Whether the tensor is on a tape.
    pub fn is_tracked(&self) -> bool {
        self.edge.is_some()
    }

    /// A leaf with the same values, whose gradient a backward pass keeps.
    ///
    /// # Errors
    /// The tensor is not float, or of a float format for storage alone.
    pub fn requires_grad(&self) -> Result<Self> {
        self.want_float("requires_grad")?;
        let dtype = self.dtype();
        if dtype != dtype.computed() {
            let reason = format!("{dtype} is for storage; cast to {} first", dtype.computed());
            return Err(Error::State { op: "requires_grad", reason });
        }
        Ok(tape::leaf(self.clone()))
    }

    /// The same values as a constant.
    pub fn detach(&self) -> Self {
        Self { is_view: false, ..self.clone().on(None) }
    }

    /// The gradient that [`Tensor::backward`] has added up for this leaf; none where it has come to none yet.
    ///
    /// # Errors
    /// It is no leaf, so gradients do not stay at it.
    pub fn gradient(&self) -> Result<Option<Self>> {
        let leaf = self.leaf("grad")?;
        match leaf.gradient() {
            None if leaf.is_replaced() => Err(former("grad", "the tensor")),
            gradient => Ok(gradient),
        }
    }

    /// Notes that another leaf takes this one's place: whoever still asks for its gradient is told.
    pub(crate) fn replaced(&self) {
        self.edge.as_ref().and_then(Edge::leaf).iter().for_each(|leaf| leaf.replace());
    }

    /// The same leaf without its value, for whoever only asks for its gradient.
    ///
    /// # Errors
    /// A device that failed.
    pub(crate) fn only_leaf(&self) -> Result<Self> {
        Ok(Self::zeros(&[], self.device())?.on(self.edge.clone()))
    }

    /// Whether another leaf has taken this one's place.
    pub(super) fn is_replaced(&self) -> bool {
        self.edge.as_ref().and_then(Edge::leaf).is_some_and(tape::Leaf::is_replaced)
    }

    /// Forgets the gradient that was added up.
    ///
    /// # Errors
    /// As [`Tensor::gradient`].
    pub fn zero_grad(&self) -> Result<()> {
        self.leaf("zero_grad")?.take();
        Ok(())
    }

    pub(super) fn leaf(&self, op: &'static str) -> Result<&tape::Leaf<Self>> {
        let why = match &self.edge {
            Some(edge) => match edge.leaf() {
                Some(leaf) => return Ok(leaf),
                None => format!(
                    "the tensor was computed by {}, and a gradient stays only at what requires_grad made or at a \
                     module's parameters; see it pass by t:hook, or ask mb.grad for it",
                    edge.op()
                ),
            },
            None => "the tensor does not require a gradient: make it by requires_grad".into(),
        };
        Err(Error::State { op, reason: why })
    }

    /// Calls `hook` with the gradient by this tensor in every backward pass that comes to it, once all parts of it are
    /// added up. What it returns takes the gradient's place. A pass that uses up an operation's tape takes its hooks away.
    ///
    /// # Errors
    /// The tensor is on no tape.
    pub fn hook(&self, hook: impl Fn(&Self) -> Result<Option<Self>> + 'static) -> Result<HookHandle<Self>> {
        let Some(edge) = &self.edge else {
            let reason = "the tensor does not require a gradient, so none will come to it".into();
            return Err(Error::State { op: "hook", reason });
        };
        if self.is_replaced() {
            return Err(former("hook", "the tensor"));
        }
        let shape = self.shape().to_vec();
        Ok(edge.hook(move |gradient| {
            // Who looks at a gradient sees it as it is, however the loss was scaled.
            let Some(other) = hooked(gradient, &hook)? else { return Ok(None) };
            other.want_float("hook")?;
            if other.shape() != shape {
                let want = format!("a gradient has the tensor's shape {shape:?}");
                return Err(Error::Shape { op: "hook".into(), want, got: other.shape().to_vec() });
            }
            Ok(Some(other))
        }))
    }

    /// The hooks of a leaf, if it has had any.
    pub(crate) fn hooks(&self) -> Option<Hooks<Self>> {
        self.edge.as_ref()?.hooks()
    }

    /// Goes on with the hooks of the leaf whose place this one takes.
    pub(crate) fn share_hooks(&self, hooks: Hooks<Self>) {
        self.edge.iter().for_each(|edge| edge.share_hooks(hooks.clone()));
    }
}

/// A leaf that will get no gradient any more.
pub(super) fn former(op: &'static str, what: &str) -> Error {
    let reason = format!(
        "{what} is a parameter's value from before it was set anew, by an update or otherwise, and no gradient comes to \
         it; read it again from the module"
    );
    Error::State { op, reason }
}

/// Whether operations are recorded for a backward pass.
pub fn is_grad_enabled() -> bool {
    tape::is_recording()
}

/// Runs `body` without recording: what it computes is constant. Scopes nest, and a panic restores the outer one.
pub fn no_grad<T>(body: impl FnOnce() -> T) -> T {
    tape::recording(false, body)
}
