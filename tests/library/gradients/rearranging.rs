//! Operations that move elements or write them at positions. `tests/reference/rearranging.py` has the same names.

use moonburn::{
    Result, Tensor,
    options::Pair,
    tensor::{PadMode, PatchOptions, ScatterOptions},
};

use super::program::Step;

type Write = fn(&Tensor, usize, &Tensor, &Tensor) -> Result<Tensor>;

/// What a step computes of its operands; none where it is another operation.
pub fn apply(step: Step<'_>, operands: &[Tensor]) -> Option<Result<Tensor>> {
    let first = &operands[0];
    let dim = || step.size("dim");
    let pair = |name| step.pair(name);
    if let Some(write) = write(step.operation()) {
        return Some(write(first, dim(), &operands[1], &operands[2]));
    }
    Some(match step.operation() {
        "movedim" => first.movedim(&step.sizes("from"), &step.sizes("to")),
        "rot90" => first.rot90(step.whole("count"), pair("dims")),
        "slice_by" => first.slice_by(dim(), step.size("from"), step.size("to"), step.size("by")),
        "tile" => first.tile(&step.sizes("counts")),
        "repeat_interleave" => first.repeat_interleave(step.size("count"), Some(dim())),
        "repeat_interleave_by" => first.repeat_interleave_by(&operands[1], Some(dim())),
        "roll" => first.roll(&step.wholes("shifts"), &step.sizes("dims")),
        "pad" => {
            let mode: PadMode = step.text("mode").parse().expect("a mode");
            first.pad(step.wholes("widths").as_chunks().0, mode, step.number("value"))
        }
        "unfold" => first.unfold(dim(), step.size("size"), step.size("step")),
        "im2col" => first.im2col(patches(step)),
        "col2im" => first.col2im(pair("size"), patches(step)),
        "diagonal" => first.diagonal(step.whole("offset"), pair("dims")),
        "diag_embed" => first.diag_embed(step.whole("offset")),
        "tril" => first.tril(step.whole("offset")),
        "triu" => first.triu(step.whole("offset")),
        "block_diag" => Tensor::block_diag(operands),
        "index_get" => first.index_get(&positions(&operands[1..])),
        "index_put" => first.index_put(&positions(&operands[2..]), &operands[1], step.flag("accumulate")),
        "scatter_reduce" => {
            let options = ScatterOptions { include_self: step.flag("include_self") };
            let reduce = step.text("reduce").parse().expect("a reduction");
            first.scatter_reduce(dim(), &operands[1], &operands[2], reduce, options)
        }
        "index_fill" => first.index_fill(dim(), &operands[1], step.number("value")),
        "masked_select" => first.masked_select(&operands[1]),
        "masked_scatter" => first.masked_scatter(&operands[1], &operands[2]),
        _ => return None,
    })
}

fn write(name: &str) -> Option<Write> {
    Some(match name {
        "scatter" => Tensor::scatter,
        "scatter_add" => Tensor::scatter_add,
        "index_add" => Tensor::index_add,
        "index_copy" => Tensor::index_copy,
        _ => return None,
    })
}

fn positions(tensors: &[Tensor]) -> Vec<Option<Tensor>> {
    tensors.iter().cloned().map(Some).collect()
}

fn patches(step: Step<'_>) -> PatchOptions {
    let [kernel, stride, padding, dilation] =
        ["kernel", "stride", "padding", "dilation"].map(|name| Pair(step.pair(name)));
    PatchOptions { kernel, stride, padding, dilation }
}
