//! Scaled dot product attention (Vaswani et al. 2017) as one operation: softmax(q kᵀ · scale + mask) v. Neither values
//! nor gradients ever hold the scores of all queries: these are computed part by part, and once more in the backward
//! pass (Rabe and Staats 2021), so that memory grows with the length and not with its square.

use std::{cell::OnceCell, ops::Range};

use super::{DType, Dropping, Kind, PadMode, Scopes, Tensor, shape};
use crate::{
    Error, Result,
    tape::{Kept, Step, record},
};

const OP: &str = "scaled_dot_product_attention";

/// Scores that are held at once, about.
const AT_ONCE: usize = 1 << 21;

/// What a score becomes that does not take part: e to the power of its distance from any other is 0.
const OUT: f64 = -1e30;

/// How attention attends.
#[derive(Clone, Copy, Default)]
pub struct Attention<'a> {
    /// Broadcasts to the scores `[..., L, S]`. A bool mask is true where a key takes part; a float mask is added.
    pub mask: Option<&'a Tensor>,
    /// Whether query i sees the keys up to the i-th alone.
    pub causal: bool,
    /// What scores are multiplied by; 1 / √(size of a query) where this is none.
    pub scale: Option<f64>,
    /// Which weights are dropped.
    pub dropout: Option<Dropping>,
}

impl Tensor {
    /// Queries `[..., L, E]` with keys `[..., S, E]` and values `[..., S, V]`: `[..., L, V]`. A query to which no key takes
    /// part gives 0. Second gradients are right, but hold all scores.
    ///
    /// # Errors
    /// Tensors that are not float, or lie on different devices; shapes that do not fit; a mask that does not broadcast to
    /// the scores, or is of ints.
    pub fn scaled_dot_product_attention(&self, key: &Self, value: &Self, attention: Attention<'_>) -> Result<Self> {
        self.attend([key, value], attention, AT_ONCE)
    }

    fn attend(&self, [key, value]: [&Self; 2], attention: Attention<'_>, at_once: usize) -> Result<Self> {
        let mut dtype = self.dtype().computed();
        for tensor in [self, key, value] {
            tensor.want_float(OP)?;
            self.want_device(OP, tensor)?;
            dtype = dtype.promote(tensor.dtype());
        }
        let scores = scores_of([self, key, value])?;
        let mask = attention.mask.map(|mask| fitting(mask, &scores, dtype)).transpose()?;
        // A lead dim, so that the first one is never that of the queries.
        let operand = |tensor: &Self| tensor.to_dtype(dtype)?.reshape(&led(tensor.shape()));
        let [query, key, value] = [operand(self)?, operand(key)?, operand(value)?];
        let output = match scores.contains(&0) || value.is_empty() || query.is_empty() {
            true => of_nothing(&query, &key, &value)?,
            false => {
                let plan = Plan::new(led(&scores), self.shape()[self.rank() - 1], &attention, at_once)?;
                plan.recorded([&query, &key, &value], mask.as_ref())?
            }
        };
        let columns = value.shape()[value.rank() - 1];
        output.reshape(&[&scores[..scores.len() - 1], &[columns]].concat())
    }
}

/// The shape of all scores.
fn scores_of([query, key, value]: [&Tensor; 3]) -> Result<Vec<usize>> {
    let rank = query.rank();
    if rank < 2 {
        let want = "wants queries [..., L, E]".into();
        return Err(Error::Shape { op: OP.into(), want, got: query.shape().to_vec() });
    }
    let (lead, size) = (&query.shape()[..rank - 2], query.shape()[rank - 1]);
    if key.rank() != rank || key.shape()[..rank - 2] != *lead || key.shape()[rank - 1] != size {
        let rule = "keys are [..., S, E] for queries [..., L, E]".into();
        return Err(Error::Unfit { op: OP, left: query.shape().to_vec(), right: key.shape().to_vec(), rule });
    }
    if value.rank() != rank || value.shape()[..rank - 1] != key.shape()[..rank - 1] {
        let rule = "values are [..., S, V] for keys [..., S, E]".into();
        return Err(Error::Unfit { op: OP, left: key.shape().to_vec(), right: value.shape().to_vec(), rule });
    }
    Ok([lead, &[query.shape()[rank - 2], key.shape()[rank - 2]]].concat())
}

/// A mask with as many dims as the scores have inside.
fn fitting(mask: &Tensor, scores: &[usize], dtype: DType) -> Result<Tensor> {
    if !shape::aligned(OP, scores, mask.shape()).is_ok_and(|together| together == scores) {
        let rule = "a mask broadcasts to the scores [..., L, S]".into();
        return Err(Error::Unfit { op: OP, left: scores.to_vec(), right: mask.shape().to_vec(), rule });
    }
    let mask = match mask.kind() {
        Kind::Int => return Err(Error::Kind { op: OP, want: "bool", got: mask.dtype().name() }),
        Kind::Bool => mask.clone(),
        Kind::Float => mask.to_dtype(dtype)?,
    };
    mask.reshape(&shape::pad(mask.shape(), scores.len().max(3)))
}

/// A shape with a dim of 1 in front where it has but two.
fn led(shape: &[usize]) -> Vec<usize> {
    shape::pad(shape, shape.len().max(3))
}

/// Zeros where there is no key, with gradients of 0.
fn of_nothing(query: &Tensor, key: &Tensor, value: &Tensor) -> Result<Tensor> {
    let rank = query.rank();
    query.matmul(&key.transpose(rank - 2, rank - 1)?)?.matmul(value)
}

/// How the scores of one attention are gone through.
struct Plan {
    /// The shape of all scores.
    scores: Vec<usize>,
    causal: bool,
    scale: f64,
    dropout: Option<Dropping>,
    /// Parts of the first dim, each with its parts of the queries.
    parts: Vec<(Range<usize>, Vec<Range<usize>>)>,
    /// The formats that products are computed in.
    scopes: Scopes,
    /// Which keys come after each query, `[L, S]`, where these are few enough to be kept.
    future: OnceCell<Tensor>,
    /// How many scores are held at once.
    at_once: usize,
}

/// One part of the scores.
struct Part<'a> {
    first: &'a Range<usize>,
    queries: &'a Range<usize>,
    /// How many keys there are for it.
    keys: usize,
}

impl Plan {
    fn new(scores: Vec<usize>, size: usize, attention: &Attention<'_>, at_once: usize) -> Result<Self> {
        let scale = attention.scale.unwrap_or(1.0 / (size as f64).sqrt());
        if !scale.is_finite() {
            return Err(Error::argument(OP, "scale", "a finite number", scale));
        }
        let Attention { causal, dropout, .. } = *attention;
        let parts = split(&scores, at_once);
        let (scopes, future) = (Scopes::now(), OnceCell::new());
        Ok(Self { scores, causal, scale, dropout, parts, scopes, future, at_once })
    }

    fn recorded(self, operands: [&Tensor; 3], mask: Option<&Tensor>) -> Result<Tensor> {
        let [query, key, value] = operands;
        let constants = operands.map(Tensor::detach);
        let nothing = constants[0].clone();
        let output = self.whole(&self.outputs(&constants.each_ref(), mask.map(Tensor::detach).as_ref())?)?;
        Ok(record(OP, [query, key, value, mask.unwrap_or(&nothing)], output, |tape| {
            let kept = operands.map(|operand| tape.keep(operand));
            let mask = mask.map(|mask| tape.keep(mask));
            move |by: Tensor, step: &Step<'_, Tensor>| {
                let [query, key, value] = kept.each_ref().map(|kept: &Kept<Tensor>| kept.get(step));
                let mask = mask.as_ref().map(|kept| kept.get(step)).transpose()?;
                self.gradients(&[&query?, &key?, &value?], mask.as_ref(), &by, step)
            }
        }))
    }

    fn causal_keys(&self, queries: &Range<usize>) -> usize {
        let keys = self.scores[self.scores.len() - 1];
        if self.causal { queries.end.min(keys) } else { keys }
    }

    /// What `of` makes of each part.
    fn each<T>(&self, mut of: impl FnMut(Part<'_>) -> Result<T>) -> Result<Vec<Vec<T>>> {
        let parts = self.parts.iter().map(|(first, rows)| {
            let part = |queries| of(Part { first, queries, keys: self.causal_keys(queries) });
            rows.iter().map(part).collect()
        });
        parts.collect()
    }

    /// Parts of the queries beside each other, then those of the first dim.
    fn whole(&self, parts: &[Vec<Tensor>]) -> Result<Tensor> {
        let row = self.scores.len() - 2;
        let along = parts.iter().map(|rows| joined(rows, row)).collect::<Result<Vec<_>>>()?;
        joined(&along, 0)
    }

    fn outputs(&self, operands: &[&Tensor; 3], mask: Option<&Tensor>) -> Result<Vec<Vec<Tensor>>> {
        self.each(|part| {
            let [query, key, value] = part.of(operands)?;
            let weights = self.weights(&part, &query, &key, mask)?;
            match self.factors(&part, &weights)? {
                Some(factors) => weights.mul(&factors)?.matmul(&value),
                None => weights.matmul(&value),
            }
        })
    }

    /// Softmax of the scores of a part.
    fn weights(&self, part: &Part<'_>, query: &Tensor, key: &Tensor, mask: Option<&Tensor>) -> Result<Tensor> {
        let last = self.scores.len() - 1;
        let scores = query.mul_scalar(self.scale)?.matmul(&key.transpose(last - 1, last)?)?;
        let mask = mask.map(|mask| part.of_mask(mask)).transpose()?;
        let (scores, out) = match mask {
            Some(mask) if mask.kind() == Kind::Bool => (scores, Some(mask.logical_not()?)),
            Some(mask) => {
                let out = mask.detach().eq_scalar(f64::NEG_INFINITY)?;
                (scores.add(&mask.masked_fill(&out, 0.0)?)?, Some(out))
            }
            None => (scores, None),
        };
        let out = match (out, self.causal.then(|| self.future(part, query)).transpose()?) {
            (Some(out), Some(future)) => Some(out.logical_or(&future)?),
            (out, future) => out.or(future),
        };
        match out {
            Some(out) => scores.masked_fill(&out, OUT)?.softmax(last)?.masked_fill(&out, 0.0),
            None => scores.softmax(last),
        }
    }

    /// Which keys come after each query of a part.
    fn future(&self, part: &Part<'_>, like: &Tensor) -> Result<Tensor> {
        let [queries, keys] = [self.scores.len() - 2, self.scores.len() - 1].map(|dim| self.scores[dim]);
        if queries * keys > self.at_once {
            return future(part.queries.clone(), part.keys, like);
        }
        // Many parts have the same rows, and each makes them twice.
        let all = match self.future.get() {
            Some(all) => all.clone(),
            None => {
                let all = future(0..queries, keys, like)?;
                self.future.get_or_init(|| all).clone()
            }
        };
        sliced(&sliced(&all, 0, part.queries)?, 1, &(0..part.keys))
    }

    /// What dropout multiplies the weights of a part by. Each query draws from a place of its own, so that it does not
    /// matter how the scores are split.
    fn factors(&self, part: &Part<'_>, weights: &Tensor) -> Result<Option<Tensor>> {
        let Some(dropout) = self.dropout.filter(|dropout| dropout.p > 0.0) else { return Ok(None) };
        let row = self.scores.len() - 2;
        let (own, all) = (part.queries.len(), self.scores[row]);
        let begin = part.first.start * self.scores[1..row].iter().product::<usize>();
        let place = |line: usize| (begin + line / own) * all + part.queries.start + line % own;
        dropout.factors_of(OP, weights.shape(), part.keys, place, weights).map(Some)
    }

    /// With P the weights and M the factors of dropout: dV = (P M)ᵀ dO, dS = P · (dP − Σ dP · P) of dP = M · dO Vᵀ,
    /// dQ = dS K · scale, dK = dSᵀ Q · scale.
    fn gradients(
        &self,
        operands: &[&Tensor; 3],
        mask: Option<&Tensor>,
        by: &Tensor,
        step: &Step<'_, Tensor>,
    ) -> Result<[Option<Tensor>; 4]> {
        let (row, last) = (self.scores.len() - 2, self.scores.len() - 1);
        let mask_is_wanted = mask.is_some_and(|mask| mask.kind() == Kind::Float) && step.wants(3);
        let [mut by_query, mut by_mask] = [const { Vec::new() }; 2];
        let [mut by_key, mut by_value] = [const { Vec::new() }; 2];
        for (first, rows) in &self.parts {
            let [mut queries, mut masks] = [const { Vec::new() }; 2];
            // Added up at once: one for each part would be as many as the length is long.
            let [mut keys, mut values] = [None, None];
            for own in rows {
                let part = Part { first, queries: own, keys: self.causal_keys(own) };
                let [query, key, value] = part.of(operands)?;
                let by = part.of_queries(by)?;
                let weights = self.scopes.within(|| self.weights(&part, &query, &key, mask))?;
                let factors = self.factors(&part, &weights)?;
                let dropped =
                    |tensor: Tensor| factors.as_ref().map_or(Ok(tensor.clone()), |factors| tensor.mul(factors));
                if step.wants(2) {
                    let by_value = dropped(weights.clone())?.transpose(row, last)?.matmul(&by)?;
                    values = Some(plus(values, self.with_all_keys(&by_value, row)?)?);
                }
                if !step.wants(0) && !step.wants(1) && !mask_is_wanted {
                    continue;
                }
                let by_weights = dropped(by.matmul(&value.transpose(row, last)?)?)?;
                let along = by_weights.mul(&weights)?.sum(Some(last), true)?;
                let by_scores = weights.mul(&by_weights.sub(&along)?)?;
                if step.wants(0) {
                    queries.push(by_scores.matmul(&key)?.mul_scalar(self.scale)?);
                }
                if step.wants(1) {
                    let by_key = by_scores.transpose(row, last)?.matmul(&query)?.mul_scalar(self.scale)?;
                    keys = Some(plus(keys, self.with_all_keys(&by_key, row)?)?);
                }
                if let Some(mask) = mask.filter(|_| mask_is_wanted) {
                    let own = self.with_all_keys(&by_scores, last)?;
                    let mut to = own.shape().to_vec();
                    let stretched = (0..=last).filter(|dim| mask.shape()[*dim] == 1);
                    stretched.for_each(|dim| to[dim] = 1);
                    let own = own.sum_to(&to)?;
                    match masks.pop() {
                        Some(before) if mask.shape()[row] == 1 => masks.push(plus(Some(before), own)?),
                        before => masks.extend(before.into_iter().chain([own])),
                    }
                }
            }
            by_query.push(queries);
            by_key.extend(keys);
            by_value.extend(values);
            by_mask.push(masks);
        }
        let by_mask = || {
            let mask = mask.map(Tensor::shape).unwrap_or_default();
            let is_first = mask[0] > 1;
            let along = by_mask.iter().map(|rows| joined(rows, row)).collect::<Result<Vec<_>>>()?;
            if is_first { joined(&along, 0) } else { added(along) }
        };
        Ok([
            step.of(0, || self.whole(&by_query))?,
            step.of(1, || joined(&by_key, 0))?,
            step.of(2, || joined(&by_value, 0))?,
            if mask_is_wanted { Some(by_mask()?) } else { None },
        ])
    }

    /// With zeros for the keys that a part does not see.
    fn with_all_keys(&self, tensor: &Tensor, dim: usize) -> Result<Tensor> {
        let (rank, all) = (self.scores.len(), self.scores[self.scores.len() - 1]);
        let lacking = (all - tensor.shape()[dim]) as i64;
        let mut widths = vec![[0, 0]; rank - dim];
        widths[rank - dim - 1] = [0, lacking];
        if lacking == 0 { Ok(tensor.clone()) } else { tensor.pad(&widths, PadMode::Constant, 0.0) }
    }
}

impl Part<'_> {
    /// Its queries, keys and values.
    fn of(&self, [query, key, value]: &[&Tensor; 3]) -> Result<[Tensor; 3]> {
        Ok([self.of_queries(query)?, self.of_keys(key)?, self.of_keys(value)?])
    }

    fn of_queries(&self, tensor: &Tensor) -> Result<Tensor> {
        sliced(&sliced(tensor, 0, self.first)?, tensor.rank() - 2, self.queries)
    }

    fn of_keys(&self, tensor: &Tensor) -> Result<Tensor> {
        sliced(&sliced(tensor, 0, self.first)?, tensor.rank() - 2, &(0..self.keys))
    }

    fn of_mask(&self, mask: &Tensor) -> Result<Tensor> {
        let (row, last) = (mask.rank() - 2, mask.rank() - 1);
        let ranges = [(0, self.first), (row, self.queries), (last, &(0..self.keys))];
        let own = ranges.into_iter().filter(|(dim, _)| mask.shape()[*dim] > 1);
        own.into_iter().try_fold(mask.clone(), |mask, (dim, range)| sliced(&mask, dim, range))
    }
}

/// Which of so many keys come after each query.
fn future(queries: Range<usize>, keys: usize, like: &Tensor) -> Result<Tensor> {
    let count = queries.len();
    let values = queries.flat_map(|query| (0..keys).map(move |key| key > query));
    Tensor::from_bools(values.collect(), &[count, keys], like.device())
}

/// Ranges of the first dim, and of the queries, so that no part has many more scores than may be held at once.
fn split(scores: &[usize], at_once: usize) -> Vec<(Range<usize>, Vec<Range<usize>>)> {
    let row = scores.len() - 2;
    let ranges = |size: usize, most: usize| {
        let most = most.max(1);
        (0..size).step_by(most).map(|from| from..(from + most).min(size)).collect::<Vec<_>>()
    };
    let each = scores[1..].iter().product::<usize>();
    let line = each / scores[row];
    let rows = ranges(scores[row], if each <= at_once { scores[row] } else { at_once / line });
    ranges(scores[0], at_once / each).into_iter().map(|first| (first, rows.clone())).collect()
}

fn sliced(tensor: &Tensor, dim: usize, range: &Range<usize>) -> Result<Tensor> {
    if *range == (0..tensor.shape()[dim]) { Ok(tensor.clone()) } else { tensor.slice(dim, range.start, range.end) }
}

fn joined(parts: &[Tensor], dim: usize) -> Result<Tensor> {
    if let [only] = parts { Ok(only.clone()) } else { Tensor::cat(parts, dim) }
}

fn plus(before: Option<Tensor>, part: Tensor) -> Result<Tensor> {
    before.map_or(Ok(part.clone()), |before| before.add(&part))
}

fn added(parts: Vec<Tensor>) -> Result<Tensor> {
    let mut parts = parts.into_iter();
    match parts.next() {
        Some(first) => parts.try_fold(first, |sum, part| sum.add(&part)),
        None => Err(Error::State { op: OP, reason: "there is no part".into() }),
    }
}

#[cfg(test)]
mod tests;
