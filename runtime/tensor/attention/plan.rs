//! How the scores of one attention are gone through, part by part, and once more for their gradients.

use std::{cell::OnceCell, ops::Range};

use super::{
    part::{Part, added, future, joined, plus, sliced, split},
    settings::{Attention, OP, OUT},
};
use crate::{
    Error, Result, memory,
    tape::{Kept, Step, is_recording, record},
    tensor::{Dropping, Kind, PadMode, Precision, Scopes, Tensor, cpu, shape},
};

/// Scores of a head up to which heads are gone through one by one, each on one core. Larger ones are shared out.
const SMALL: usize = 1 << 18;

/// How the scores of one attention are gone through.
pub(super) struct Plan {
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

impl Plan {
    pub fn new(scores: Vec<usize>, size: usize, attention: &Attention<'_>, at_once: usize) -> Result<Self> {
        let scale = attention.scale.unwrap_or(1.0 / (size as f64).sqrt());
        if !scale.is_finite() {
            return Err(Error::argument(OP, "scale", "a finite number", scale));
        }
        let Attention { causal, dropout, .. } = *attention;
        let parts = split(&scores, at_once);
        let (scopes, future) = (Scopes::now(), OnceCell::new());
        Ok(Self { scores, causal, scale, dropout, parts, scopes, future, at_once })
    }

    pub fn recorded(self, operands: [&Tensor; 3], mask: Option<&Tensor>) -> Result<Tensor> {
        let [query, key, value] = operands;
        let constants = operands.map(Tensor::detach);
        let nothing = constants[0].clone();
        let heads = self.heads(mask, query)?;
        let [row, last] = [query.rank() - 2, value.rank() - 1];
        shape::check(OP, &[&query.shape()[..=row], &value.shape()[last..]].concat())?;
        // The backward pass makes each operand's gradient once.
        memory::check_room(OP, operands.iter().filter(|t| t.is_tracked()).map(|t| t.len() * 4).sum())?;
        let output = match heads.and_then(|heads| heads.forward(constants.each_ref())) {
            Some(output) => output,
            None => self.whole(&self.outputs(&constants.each_ref(), mask.map(Tensor::detach).as_ref())?)?,
        };
        Ok(record(OP, [query, key, value, mask.unwrap_or(&nothing)], output, |tape| {
            let kept = operands.map(|operand| tape.keep(operand));
            let mask = mask.map(|mask| tape.keep(mask));
            move |by: Tensor, step: &Step<'_, Tensor>| {
                let [query, key, value] = kept.each_ref().map(|kept: &Kept<Tensor>| kept.get(step));
                let operands = [&query?, &key?, &value?];
                let at_once = heads.filter(|_| !is_recording()).and_then(|heads| heads.gradients(operands, &by));
                if let Some([query, key, value]) = at_once {
                    return Ok([Some(query), Some(key), Some(value), None]);
                }
                let mask = mask.as_ref().map(|kept| kept.get(step)).transpose()?;
                self.gradients(&operands, mask.as_ref(), &by, step)
            }
        }))
    }

    /// What goes through heads one by one, where they are small and nothing stands between scores and weights.
    fn heads(&self, mask: Option<&Tensor>, like: &Tensor) -> Result<Option<cpu::Heads>> {
        let of_head: usize = self.scores[self.scores.len() - 2..].iter().product();
        let is_plain = mask.is_none() && self.dropout.is_none_or(|dropout| dropout.p == 0.0);
        let is_small = of_head <= self.at_once.min(SMALL);
        let is_exact = Precision::of_product(like.device())? == Precision::Float32;
        let heads = cpu::Heads { scale: self.scale, causal: self.causal };
        Ok((is_plain && is_small && is_exact).then_some(heads))
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
