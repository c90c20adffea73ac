//! The nodes of the tape, the edges between them, and the rules that they go by. What a node is made of, and how it goes
//! away; no pass.

use std::{
    any::Any,
    borrow::Cow,
    cell::{Cell, RefCell},
    fmt,
    rc::Rc,
    thread::LocalKey,
};

use super::{
    counts,
    hooks::{HookHandle, Hooks, NodeHooks},
    scope::Scope,
    site::Site,
};
use crate::Result;

/// What can be on a tape. Clones share what is large.
pub trait Value: Clone + 'static {
    /// The node that made it; none for a constant.
    fn edge(&self) -> Option<&Edge<Self>>;

    /// The same value, made by this node; by none where it is to be a constant.
    fn on(self, edge: Option<Edge<Self>>) -> Self;

    /// The sum of two gradients. It may take their memory.
    ///
    /// # Errors
    /// There is no memory for it.
    fn plus(self, other: Self) -> Result<Self>;

    /// Notes that one more node keeps it. Returns the bytes that no other node had kept.
    fn keep(&self) -> usize;

    /// Notes that one node less keeps it. Returns the bytes that no node keeps any more.
    fn let_go(&self) -> usize;

    /// What it must be like when it is computed again: its kind and its shape.
    fn outline(&self) -> String;

    /// The scopes of recomputation of the calling thread.
    fn scopes() -> &'static LocalKey<RefCell<Vec<Scope<Self>>>>;
}

/// How the gradients of an operation's inputs follow from those of its outputs.
pub trait Rule<V: Value> {
    /// A gradient for each input, in order, from a gradient for each output. None is an input that no output depends on,
    /// or that was not asked for; none is an output that the pass did not come from.
    ///
    /// # Errors
    /// What its operations fail with.
    fn backward(&self, by_outputs: Vec<Option<V>>, step: &Step<'_, V>) -> Result<Vec<Option<V>>>;
}

/// A step of a backward pass: one node, and which gradients are asked of it.
pub struct Step<'a, V: Value> {
    pub(super) node: &'a Rc<Node<V>>,
    pub(super) wanted: &'a dyn Fn(usize) -> bool,
}

impl<V: Value> Step<'_, V> {
    /// Whether the gradient of an input is asked for.
    pub fn wants(&self, input: usize) -> bool {
        (self.wanted)(input)
    }

    /// The gradient of an input, where that is asked for.
    ///
    /// # Errors
    /// What `gradient` fails with.
    pub fn of(&self, input: usize, gradient: impl FnOnce() -> Result<V>) -> Result<Option<V>> {
        if self.wants(input) { gradient().map(Some) } else { Ok(None) }
    }

    /// A value as the node's output.
    pub fn as_output(&self, value: V, output: u32) -> V {
        value.on(Some(Edge { node: Rc::clone(self.node), output }))
    }
}

/// One of the outputs of a node.
pub struct Edge<V: Value> {
    pub(super) node: Rc<Node<V>>,
    pub(super) output: u32,
}

impl<V: Value> Clone for Edge<V> {
    fn clone(&self) -> Self {
        Self { node: Rc::clone(&self.node), output: self.output }
    }
}

impl<V: Value> fmt::Debug for Edge<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}.{}", self.node.op, self.node.id, self.output)
    }
}

impl<V: Value> Edge<V> {
    /// Its place among all outputs of the thread's tapes.
    pub fn id(&self) -> (u64, u32) {
        (self.node.id, self.output)
    }

    /// The leaf that it is, if it is one.
    pub fn leaf(&self) -> Option<&Leaf<V>> {
        self.node.leaf.as_ref()
    }

    /// The name of the operation.
    pub fn op(&self) -> &str {
        &self.node.op
    }

    /// Calls `hook` with the gradient of this output in every pass that comes to it, until one uses the node up.
    pub fn hook(&self, hook: impl Fn(&V) -> Result<Option<V>> + 'static) -> HookHandle<V> {
        self.node.hooks.add(self.output, hook)
    }

    /// The hooks of a leaf; none where it has never had any.
    pub fn hooks(&self) -> Option<Hooks<V>> {
        self.leaf().and_then(|_| self.node.hooks.shared())
    }

    /// Goes on with the hooks of the leaf whose place it takes.
    pub fn share_hooks(&self, hooks: Hooks<V>) {
        self.node.hooks.share(hooks);
    }
}

/// What is on a tape without having been computed there, with the gradient that passes have added up for it.
pub struct Leaf<V> {
    gradient: RefCell<Option<V>>,
    /// Whether another leaf has taken its place, so that nothing will come to it any more.
    is_replaced: Cell<bool>,
}

impl<V: Value> Leaf<V> {
    pub(super) fn new() -> Self {
        Self { gradient: RefCell::new(None), is_replaced: Cell::new(false) }
    }

    /// The gradient so far.
    pub fn gradient(&self) -> Option<V> {
        self.gradient.borrow().clone()
    }

    /// Adds to the gradient.
    ///
    /// # Errors
    /// As [`Value::plus`].
    pub fn add(&self, gradient: V) -> Result<()> {
        let before = self.gradient.take();
        let sum = match before {
            Some(before) => before.plus(gradient)?,
            None => gradient,
        };
        self.gradient.replace(Some(sum));
        Ok(())
    }

    /// Notes that another leaf takes its place.
    pub fn replace(&self) {
        self.is_replaced.set(true);
    }

    /// Whether another leaf has taken its place.
    pub fn is_replaced(&self) -> bool {
        self.is_replaced.get()
    }

    /// Takes the gradient away.
    pub fn take(&self) -> Option<V> {
        self.gradient.take()
    }
}

/// An operation that was recorded, or a leaf.
pub struct Node<V: Value> {
    /// Grows from node to node of a thread: an operation's is larger than those of its inputs.
    pub(super) id: u64,
    pub(super) op: Cow<'static, str>,
    pub(super) site: Option<Site>,
    pub(super) inputs: Vec<Option<Edge<V>>>,
    /// None for a leaf, and once a pass has used it up.
    pub(super) rule: RefCell<Option<Rc<dyn Rule<V>>>>,
    pub(super) leaf: Option<Leaf<V>>,
    pub(super) outputs: u32,
    pub(super) hooks: NodeHooks<V>,
}

thread_local! {
    static NEXT: Cell<u64> = const { Cell::new(0) };
}

fn next_id() -> u64 {
    NEXT.replace(NEXT.get() + 1)
}

impl<V: Value> Node<V> {
    pub(super) fn leaf() -> Rc<Self> {
        Self::new("leaf".into(), None, Vec::new(), None, 1)
    }

    pub(super) fn new(
        op: Cow<'static, str>,
        site: Option<Site>,
        inputs: Vec<Option<Edge<V>>>,
        rule: Option<Rc<dyn Rule<V>>>,
        outputs: u32,
    ) -> Rc<Self> {
        let leaf = rule.is_none().then(Leaf::new);
        counts::update(|counts| counts.operations += usize::from(leaf.is_none()));
        let (rule, hooks) = (RefCell::new(rule), NodeHooks::default());
        Rc::new(Self { id: next_id(), op, site, inputs, rule, leaf, outputs, hooks })
    }
}

/// How many drops of nodes within one another there may be before one waits for the outermost.
const DEEPEST: u32 = 32;

thread_local! {
    /// How many are running.
    static DROPS: Cell<u32> = const { Cell::new(0) };
    /// What waits for the outermost.
    static WAITING: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

impl<V: Value> Drop for Node<V> {
    /// One after another: a chain of many operations would be as many calls deep. A rule may hold nodes besides its
    /// inputs: those are dropped within it, down to a depth.
    fn drop(&mut self) {
        if self.leaf.is_some() {
            return;
        }
        counts::update(|counts| counts.operations -= 1);
        let depth = DROPS.try_with(|drops| drops.replace(drops.get() + 1)).unwrap_or(0);
        if depth < DEEPEST {
            self.let_go();
        } else {
            let rest: (Vec<Option<Edge<V>>>, _) = (std::mem::take(&mut self.inputs), self.rule.take());
            let _ = WAITING.try_with(|waiting| waiting.borrow_mut().push(Box::new(rest)));
        }
        while depth == 0
            && let Ok(Some(next)) = WAITING.try_with(|waiting| waiting.borrow_mut().pop())
        {
            drop(next);
        }
        let _ = DROPS.try_with(|drops| drops.set(depth));
    }
}

impl<V: Value> Node<V> {
    fn let_go(&mut self) {
        // Inputs before rules, which hold them as well.
        let mut waiting = std::mem::take(&mut self.inputs);
        self.rule.take();
        while let Some(edge) = waiting.pop() {
            if let Some(mut node) = edge.and_then(|edge| Rc::into_inner(edge.node)) {
                waiting.append(&mut node.inputs);
                node.rule.take();
            }
        }
    }
}
