//! A function of the values of two tensors on the CPU device, whose shapes broadcast. The result lies as the operands do;
//! where they differ, channels last if one of them does, and else in row-major order. Knows no function.

use burn_backend::DType;
use burn_dispatch::backends::flex::{FlexTensor, Layout};
use rayon::prelude::*;

use super::{
    buffer::Buffer,
    copies::note_copy,
    dense::{is_dense, places, values, values_mut},
    loops::{Loop, shared, with_instructions},
    map::like,
    walk::{Dim, Walk},
};

/// Rows of fewer values are put together where they meet the same row again and again.
const SHORT: usize = 64;

/// A function of two values.
pub(super) trait Pair: Copy + Sync {
    /// Values that are worth a thread of their own.
    const SHARE: usize;

    /// f(x, y); `FUSED` where the processor multiplies and adds in one instruction.
    fn of<const FUSED: bool>(self, x: f32, y: f32) -> f32;
}

/// f of every pair; in place where the operands lie alike and nothing else holds the memory of one.
pub(super) fn pair<F: Pair>(left: FlexTensor, right: FlexTensor, f: F) -> FlexTensor {
    let [of_left, of_right] = [left.layout(), right.layout()];
    let is_alike = of_left.shape() == of_right.shape()
        && (of_left.is_contiguous() && of_right.is_contiguous()
            || of_left.strides() == of_right.strides() && is_dense(&left));
    if is_alike { alike(left, right, f) } else { broadcast([left, right], f) }
}

fn alike<F: Pair>(mut left: FlexTensor, mut right: FlexTensor, f: F) -> FlexTensor {
    let share = F::SHARE;
    if let Some(output) = values_mut(&mut left) {
        let parts = output.par_chunks_mut(share).zip(values(&right).par_chunks(share));
        shared(right.layout().num_elements(), share, parts, |(left, right)| {
            with_instructions(OnLeft { f, left, right })
        });
        return left;
    }
    if let Some(output) = values_mut(&mut right) {
        let parts = output.par_chunks_mut(share).zip(values(&left).par_chunks(share));
        shared(left.layout().num_elements(), share, parts, |(right, left)| {
            with_instructions(OnRight { f, left, right });
        });
        return right;
    }
    let [of_left, of_right] = [values(&left), values(&right)];
    let mut output = Buffer::stale(of_left.len());
    let parts = output.par_chunks_mut(share).zip(of_left.par_chunks(share).zip(of_right.par_chunks(share)));
    shared(of_left.len(), share, parts, |(output, (left, right))| {
        let (left, right) = (Row { values: left, steps: true }, Row { values: right, steps: true });
        with_instructions(Line { f, output, left, right });
    });
    like(&left, output)
}

fn broadcast<F: Pair>(operands: [FlexTensor; 2], f: F) -> FlexTensor {
    let shapes = [&operands[0], &operands[1]].map(|operand| operand.layout().shape().to_vec());
    let out: Vec<usize> = shapes[0].iter().zip(&shapes[1]).map(|(left, right)| *left.max(right)).collect();
    let order = order_of(&operands, &out);
    let sizes: Vec<usize> = order.iter().map(|dim| out[*dim]).collect();
    let operands = operands.map(|operand| steps_along(operand.permute(&order)));
    let walk = Walk::over(&sizes, [&operands[0], &operands[1]].map(FlexTensor::layout));
    let storage = [&operands[0], &operands[1]].map(|operand| operand.storage::<f32>());
    let mut output = Buffer::stale(sizes.iter().product());
    fill(&mut output, &walk, storage, f);
    FlexTensor::new(output.into_bytes(), Layout::contiguous(sizes.into()).permute(&places(&order)), DType::F32)
}

/// Channels last, where an operand that has the shape lies so; else row-major. A transposed matrix gives its order to
/// nothing: what is made of it and kept, a parameter say, would lie otherwise than what is read back from a checkpoint, and
/// products of it would have other last bits.
fn order_of(operands: &[FlexTensor; 2], out: &[usize]) -> Vec<usize> {
    const CHANNELS_LAST: [usize; 4] = [0, 2, 3, 1];
    let lies_so = |operand: &FlexTensor| {
        operand.layout().shape().to_vec() == out
            && out.len() == 4
            && !operand.is_contiguous()
            && operand.permute(&CHANNELS_LAST).is_contiguous()
    };
    if operands.iter().any(lies_so) { CHANNELS_LAST.to_vec() } else { (0..out.len()).collect() }
}

/// The operand itself, or a copy where values that follow one another lie apart.
fn steps_along(operand: FlexTensor) -> FlexTensor {
    let (shape, strides) = (operand.layout().shape(), operand.layout().strides());
    let last = (0..strides.len()).rev().find(|dim| shape[*dim] != 1);
    if last.is_none_or(|last| matches!(strides[last], 0 | 1)) {
        return operand;
    }
    if operand.layout().num_dims() == 4 {
        note_copy();
    }
    operand.to_contiguous()
}

fn fill<F: Pair>(output: &mut [f32], walk: &Walk, storage: [&[f32]; 2], f: F) {
    let (inner, share, len) = (walk.inner(), F::SHARE, output.len());
    if let Some(place) = walk.repeated().filter(|_| inner.size < SHORT) {
        return fill_repeated(output, walk, storage, place, f);
    }
    if inner.size > share {
        // Rows one after another, each on all cores.
        for (output, starts) in output.chunks_mut(inner.size).zip(walk.rows_from(0)) {
            shared(output.len(), share, output.par_chunks_mut(share).enumerate(), |(number, output)| {
                let row = |side: usize| {
                    let start = starts[side] + if inner.steps(side) { number * share } else { 0 };
                    Row::of(storage[side], start, inner.steps(side), output.len())
                };
                let (left, right) = (row(0), row(1));
                with_instructions(Line { f, output, left, right });
            });
        }
        return;
    }
    let rows = share / inner.size;
    let share = rows * inner.size;
    shared(len, share, output.par_chunks_mut(share).enumerate(), |(number, output)| {
        with_instructions(Rows { f, output, walk, from: number * rows, storage });
    });
}

/// One operand is a short row, which meets every row of the other: written down several times, it is a long one.
fn fill_repeated<F: Pair>(output: &mut [f32], walk: &Walk, storage: [&[f32]; 2], place: usize, f: F) {
    let starts = walk.start();
    let row = &storage[place][starts[place]..starts[place] + walk.inner().size];
    let repeated = row.repeat((4 * SHORT).div_ceil(row.len()));
    let others = &storage[1 - place][starts[1 - place]..starts[1 - place] + output.len()];
    let share = F::SHARE.div_ceil(repeated.len()) * repeated.len();
    let parts = output.par_chunks_mut(share).zip(others.par_chunks(share));
    shared(others.len(), share, parts, |(output, others)| {
        with_instructions(Repeated { f, output, others, row: &repeated, is_left: place == 0 });
    });
}

/// Values of an operand that follow one another, or one that stands for all of them.
#[derive(Clone, Copy)]
struct Row<'a> {
    values: &'a [f32],
    steps: bool,
}

impl<'a> Row<'a> {
    #[inline(always)]
    fn of(storage: &'a [f32], start: usize, steps: bool, len: usize) -> Self {
        Self { values: &storage[start..start + if steps { len } else { 1 }], steps }
    }
}

struct OnLeft<'a, F> {
    f: F,
    left: &'a mut [f32],
    right: &'a [f32],
}

impl<F: Pair> Loop for OnLeft<'_, F> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { f, left, right } = self;
        for (left, right) in left.iter_mut().zip(right) {
            *left = f.of::<FUSED>(*left, *right);
        }
    }
}

struct OnRight<'a, F> {
    f: F,
    left: &'a [f32],
    right: &'a mut [f32],
}

impl<F: Pair> Loop for OnRight<'_, F> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { f, left, right } = self;
        for (right, left) in right.iter_mut().zip(left) {
            *right = f.of::<FUSED>(*left, *right);
        }
    }
}

struct Line<'a, F> {
    f: F,
    output: &'a mut [f32],
    left: Row<'a>,
    right: Row<'a>,
}

impl<F: Pair> Loop for Line<'_, F> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { f, output, left, right } = self;
        match (left.steps, right.steps) {
            (true, true) => {
                for (output, (left, right)) in output.iter_mut().zip(left.values.iter().zip(right.values)) {
                    *output = f.of::<FUSED>(*left, *right);
                }
            }
            (true, false) => {
                let right = right.values[0];
                for (output, left) in output.iter_mut().zip(left.values) {
                    *output = f.of::<FUSED>(*left, right);
                }
            }
            (false, true) => {
                let left = left.values[0];
                for (output, right) in output.iter_mut().zip(right.values) {
                    *output = f.of::<FUSED>(left, *right);
                }
            }
            (false, false) => output.fill(f.of::<FUSED>(left.values[0], right.values[0])),
        }
    }
}

struct Rows<'a, F> {
    f: F,
    output: &'a mut [f32],
    walk: &'a Walk,
    /// The first row's number.
    from: usize,
    storage: [&'a [f32]; 2],
}

impl<F: Pair> Loop for Rows<'_, F> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { f, output, walk, from, storage } = self;
        let inner: Dim = walk.inner();
        for (output, starts) in output.chunks_mut(inner.size).zip(walk.rows_from(from)) {
            let [left, right] = [0, 1].map(|side| Row::of(storage[side], starts[side], inner.steps(side), inner.size));
            Line { f, output, left, right }.run::<FUSED>();
        }
    }
}

struct Repeated<'a, F> {
    f: F,
    output: &'a mut [f32],
    others: &'a [f32],
    row: &'a [f32],
    is_left: bool,
}

impl<F: Pair> Loop for Repeated<'_, F> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { f, output, others, row, is_left } = self;
        for (output, others) in output.chunks_mut(row.len()).zip(others.chunks(row.len())) {
            let triples = output.iter_mut().zip(others.iter().zip(row));
            if is_left {
                triples.for_each(
                    #[inline(always)]
                    |(output, (other, value))| *output = f.of::<FUSED>(*value, *other),
                );
            } else {
                triples.for_each(
                    #[inline(always)]
                    |(output, (other, value))| *output = f.of::<FUSED>(*other, *value),
                );
            }
        }
    }
}
