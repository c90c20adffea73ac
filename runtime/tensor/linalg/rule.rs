//! Recording an operation of one input and several outputs with a closure for its rule.

use crate::{
    Result, Tensor,
    tape::{Recording, Rule, Step, record_many},
};

struct Closure<R>(R);

impl<R> Rule<Tensor> for Closure<R>
where
    R: Fn(Vec<Option<Tensor>>, &Step<'_, Tensor>) -> Result<Tensor>,
{
    fn backward(&self, by_outputs: Vec<Option<Tensor>>, step: &Step<'_, Tensor>) -> Result<Vec<Option<Tensor>>> {
        Ok(vec![Some((self.0)(by_outputs, step)?)])
    }
}

/// The outputs on the tape of the input. The rule gives its gradient from those of the outputs, of which some may be
/// missing.
pub(super) fn record_outputs<R, const N: usize>(
    op: &'static str,
    input: &Tensor,
    outputs: [Tensor; N],
    rule: impl FnOnce(&Recording<Tensor>) -> R,
) -> [Tensor; N]
where
    R: Fn(Vec<Option<Tensor>>, &Step<'_, Tensor>) -> Result<Tensor> + 'static,
{
    let mut recorded = record_many(op, &[input], outputs.into(), |_| true, |tape| Closure(rule(tape))).into_iter();
    std::array::from_fn(|_| recorded.next().expect("as many outputs as were given"))
}

/// The sum of what there is, zeros like another tensor where there is nothing.
pub(super) fn total(parts: impl IntoIterator<Item = Option<Tensor>>, like: &Tensor) -> Result<Tensor> {
    let mut parts = parts.into_iter().flatten();
    match parts.next() {
        Some(first) => parts.try_fold(first, |sum, part| sum.add(&part)),
        None => like.full_like(0.0),
    }
}
