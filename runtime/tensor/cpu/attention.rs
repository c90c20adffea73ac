//! Attention of many small heads on the CPU device, without a mask: the scores of a few queries are made, used and
//! forgotten while they are in the core's cache.

use std::ops::Range;

use burn_dispatch::backends::flex::FlexTensor;
use rayon::prelude::*;

use super::{
    buffer::Buffer,
    floats::{plain, tensor, untaped},
    functions,
    lanes::{dot, largest},
    loops::{Loop, least_parts, with_instructions},
    softmax::shares,
};
use crate::{
    linalg::{Matrix, MatrixMut, product},
    tensor::{Kind, Tensor},
};

/// Scores that are made at a time, about.
const TILE: usize = 1 << 15;

/// Products of numbers that are worth a thread of their own.
const SHARE: usize = 1 << 18;

/// From so many images on, a part is all heads of an image.
const MANY: usize = 16;

/// Softmax(q kᵀ · scale) v of queries `[..., L, E]`, keys `[..., S, E]` and values `[..., S, V]`; where it is causal, query
/// i sees the keys up to the i-th.
#[derive(Clone, Copy)]
pub(in crate::tensor) struct Heads {
    pub scale: f64,
    pub causal: bool,
}

/// A part's number, and its gradients by queries, keys and values.
type Written<'a> = (usize, ((&'a mut [f32], &'a mut [f32]), &'a mut [f32]));

impl Heads {
    /// The output. None for tensors that are not float32 on the CPU device.
    pub fn forward(self, operands: [&Tensor; 3]) -> Option<Tensor> {
        let [query, key, value] = of_each(operands)?;
        let split = Split::of(&query, &key, &value);
        let mut output = Buffer::stale(split.heads() * query.rows * value.columns);
        let part = |scores: &mut Vec<f32>, (number, output): (usize, &mut [f32])| {
            for head in 0..split.together {
                let [query, key, value] =
                    [&query, &key, &value].map(|operand| operand.head(split.number(number, head)));
                for rows in split.tiles() {
                    let keys = self.keys(&rows, split.keys);
                    scores.resize(rows.len() * keys, 0.0);
                    self.weights(scores, query, key, &rows, keys);
                    let target = split.target(output, split.queries, value.columns(), head, &rows);
                    let weights = Matrix::rows(scores, rows.len(), keys);
                    product(target, weights, some(value, &(0..keys)), 1.0, false);
                }
            }
        };
        let size = split.together * query.rows * value.columns;
        let parts = output.par_chunks_mut(size).enumerate().with_min_len(split.least());
        parts.for_each_init(Vec::new, part);
        Some(split.finished(output, operands[0], value.columns))
    }

    /// The gradients by queries, keys and values. With P the weights: dV = Pᵀ dO, dS = P · (dP − Σ dP · P) of dP = dO Vᵀ,
    /// dQ = dS K · scale, dK = dSᵀ Q · scale. As [`Heads::forward`].
    pub fn gradients(self, operands: [&Tensor; 3], by: &Tensor) -> Option<[Tensor; 3]> {
        let [query, key, value] = of_each(operands)?;
        let [by] = of_each([by])?;
        let (split, scale) = (Split::of(&query, &key, &value), self.scale as f32);
        // Tiles add up those by keys and values. Of keys that no query sees they are 0.
        let [mut by_key, mut by_value] = [&key, &value].map(|operand| Buffer::zeros(operand.len()));
        let mut by_query = Buffer::stale(query.len());
        let part = |[weights, by_scores]: &mut [Vec<f32>; 2], (number, ((by_query, by_key), by_value)): Written<'_>| {
            for head in 0..split.together {
                let [query, key, value, by] =
                    [&query, &key, &value, &by].map(|operand| operand.head(split.number(number, head)));
                for rows in split.tiles() {
                    let keys = self.keys(&rows, split.keys);
                    weights.resize(rows.len() * keys, 0.0);
                    by_scores.resize(rows.len() * keys, 0.0);
                    self.weights(weights, query, key, &rows, keys);
                    let by = some(by, &rows);
                    let target = MatrixMut::rows(by_scores, rows.len(), keys);
                    product(target, by, some(value, &(0..keys)).transposed(), 1.0, false);
                    let target = split.target(by_value, split.keys, value.columns(), head, &(0..keys));
                    product(target, Matrix::rows(weights, rows.len(), keys).transposed(), by, 1.0, true);
                    with_instructions(BySlope { by: by_scores, weights, keys });
                    let by_scores = Matrix::rows(by_scores, rows.len(), keys);
                    let target = split.target(by_query, split.queries, query.columns(), head, &rows);
                    product(target, by_scores, some(key, &(0..keys)), scale, false);
                    let target = split.target(by_key, split.keys, key.columns(), head, &(0..keys));
                    product(target, by_scores.transposed(), some(query, &rows), scale, true);
                }
            }
        };
        let [of_query, of_key, of_value] =
            [&query, &key, &value].map(|operand| split.together * operand.rows * operand.columns);
        let parts = by_query.par_chunks_mut(of_query).zip(by_key.par_chunks_mut(of_key));
        let parts = parts.zip(by_value.par_chunks_mut(of_value)).enumerate().with_min_len(split.least());
        parts.for_each_init(|| [Vec::new(), Vec::new()], part);
        Some([
            split.finished(by_query, operands[0], query.columns),
            split.finished(by_key, operands[1], key.columns),
            split.finished(by_value, operands[2], value.columns),
        ])
    }

    /// How many keys the queries of a tile see.
    fn keys(self, rows: &Range<usize>, keys: usize) -> usize {
        if self.causal { rows.end.min(keys) } else { keys }
    }

    /// Softmax of the scores of a tile.
    fn weights(
        self,
        scores: &mut [f32],
        query: Matrix<'_, f32>,
        key: Matrix<'_, f32>,
        rows: &Range<usize>,
        keys: usize,
    ) {
        let target = MatrixMut::rows(scores, rows.len(), keys);
        product(target, some(query, rows), some(key, &(0..keys)).transposed(), self.scale as f32, false);
        let first = if self.causal { rows.start + 1 } else { keys };
        with_instructions(Weights { scores, keys, first });
    }
}

/// How heads are shared out and gone through. It depends on the sizes alone, so that the number of threads changes no bit.
struct Split {
    parts: usize,
    /// Heads of a part, whose rows lie beside each other.
    together: usize,
    queries: usize,
    keys: usize,
    /// Columns of queries and values: what each score takes.
    columns: usize,
}

impl Split {
    fn of(query: &Operand, key: &Operand, value: &Operand) -> Self {
        let heads = query.lead.last().map_or(1, |(size, _)| *size);
        let count: usize = query.lead.iter().map(|(size, _)| size).product();
        // As they come from a projection and go to one, rows outside of heads.
        let is_beside = query.lead.last().is_some_and(|(_, stride)| *stride < query.stride[0]);
        let together = if is_beside && count / heads >= MANY { heads } else { 1 };
        let (queries, keys, columns) = (query.rows, key.rows, query.columns + value.columns);
        Self { parts: count / together, together, queries, keys, columns }
    }

    fn heads(&self) -> usize {
        self.parts * self.together
    }

    fn number(&self, part: usize, head: usize) -> usize {
        part * self.together + head
    }

    fn least(&self) -> usize {
        let part = self.together * self.queries * self.keys * self.columns;
        least_parts(self.parts * part, part.max(SHARE))
    }

    /// Rows of queries whose scores are held at once.
    fn tiles(&self) -> impl Iterator<Item = Range<usize>> {
        let (most, all) = ((TILE / self.keys).max(16), self.queries);
        (0..all).step_by(most).map(move |from| from..(from + most).min(all))
    }

    /// Some rows of a head in the memory of its part.
    fn target<'a>(
        &self,
        part: &'a mut [f32],
        rows: usize,
        columns: usize,
        head: usize,
        own: &Range<usize>,
    ) -> MatrixMut<'a, f32> {
        MatrixMut::rows(part, rows, self.together * columns).part(own.clone(), head * columns..(head + 1) * columns)
    }

    /// What was written, of `like`'s dims but the last.
    fn finished(&self, values: Buffer, like: &Tensor, columns: usize) -> Tensor {
        let rank = like.rank();
        let mut shape = like.shape().to_vec();
        shape[rank - 1] = columns;
        let raw = if self.together == 1 {
            tensor(values, &shape)
        } else {
            let (mut lying, mut order) = (shape.clone(), (0..rank).collect::<Vec<_>>());
            lying.swap(rank - 3, rank - 2);
            order.swap(rank - 3, rank - 2);
            tensor(values, &lying).permute(&order)
        };
        Tensor::wrap(untaped(raw), Kind::Float, shape, like.device())
    }
}

/// A tensor `[..., rows, columns]`, however it lies.
struct Operand {
    tensor: FlexTensor,
    /// Size and stride of the dims in front.
    lead: Vec<(usize, usize)>,
    rows: usize,
    columns: usize,
    stride: [usize; 2],
}

fn of_each<const N: usize>(tensors: [&Tensor; N]) -> Option<[Operand; N]> {
    tensors.into_iter().map(Operand::of).collect::<Option<Vec<_>>>()?.try_into().ok()
}

impl Operand {
    fn of(source: &Tensor) -> Option<Self> {
        let tensor = plain(source.raw_in_any_order())?;
        let is_turned = tensor.layout().strides().iter().any(|stride| *stride < 0);
        let tensor = if is_turned { tensor.to_contiguous() } else { tensor };
        let strides: Vec<usize> = tensor.layout().strides().iter().map(|stride| stride.unsigned_abs()).collect();
        let (front, rank) = (source.rank() - 2, source.rank());
        let lead = source.shape()[..front].iter().copied().zip(strides[..front].iter().copied()).collect();
        let (rows, columns) = (source.shape()[front], source.shape()[rank - 1]);
        Some(Self { tensor, lead, rows, columns, stride: [strides[front], strides[rank - 1]] })
    }

    fn len(&self) -> usize {
        self.lead.iter().map(|(size, _)| size).product::<usize>() * self.rows * self.columns
    }

    /// The matrix of a head.
    fn head(&self, mut number: usize) -> Matrix<'_, f32> {
        let mut from = self.tensor.layout().start_offset();
        for (size, stride) in self.lead.iter().rev() {
            from += number % size * stride;
            number /= size;
        }
        Matrix::strided(&self.tensor.storage()[from..], [self.rows, self.columns], self.stride)
    }
}

/// Some rows of a matrix.
fn some<'a>(matrix: Matrix<'a, f32>, rows: &Range<usize>) -> Matrix<'a, f32> {
    matrix.part(rows.clone(), 0..matrix.columns())
}

/// Softmax of each row of so many scores: of the first, over `first` of them; of each further one, over one more, as far
/// as there are more.
struct Weights<'a> {
    scores: &'a mut [f32],
    keys: usize,
    first: usize,
}

impl Loop for Weights<'_> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { scores, keys, first } = self;
        for (row, scores) in scores.chunks_mut(keys).enumerate() {
            let (seen, unseen) = scores.split_at_mut((first + row).min(keys));
            let most = largest(seen);
            for score in seen {
                *score -= most;
            }
            unseen.fill(f32::NEG_INFINITY);
        }
        for score in scores.iter_mut() {
            *score = functions::exp::<FUSED>(*score);
        }
        for scores in scores.chunks_mut(keys) {
            shares(scores);
        }
    }
}

/// The gradient by scores in the place of that by weights.
struct BySlope<'a> {
    by: &'a mut [f32],
    weights: &'a [f32],
    keys: usize,
}

impl Loop for BySlope<'_> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { by, weights, keys } = self;
        for (by, weights) in by.chunks_mut(keys).zip(weights.chunks(keys)) {
            let along = dot(by, weights) as f32;
            for (by, weight) in by.iter_mut().zip(weights) {
                *by = weight * (*by - along);
            }
        }
    }
}
