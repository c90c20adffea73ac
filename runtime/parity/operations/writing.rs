//! Writing at positions. Values for one that comes again add up.

use super::operation::{LARGE, differentiable, exact};
use crate::{
    Result, Tensor,
    parity::{
        Case,
        noise::{ints, noise},
        tolerance::{EXACT, SUM},
    },
    tensor::{Reduce, ScatterOptions},
};

type Write = fn(&Tensor, usize, &Tensor, &Tensor) -> Result<Tensor>;

pub(super) fn cases() -> Vec<Case> {
    let range = [-1.0, 1.0];
    let writing = |name: &'static str, tolerance, shape: [usize; 2], at: &'static [usize], write: Write| {
        let inputs = [(LARGE.to_vec(), range), (shape.to_vec(), range)];
        differentiable(name, tolerance, inputs, move |inputs| {
            write(&inputs[0], 0, &ints(name, at, [0, 36], inputs[0].device())?, &inputs[1])
        })
    };
    vec![
        writing("scatter", EXACT, [41, 301], &[41, 301], Tensor::scatter),
        writing("scatter_add", SUM, [41, 301], &[41, 290], Tensor::scatter_add),
        writing("scatter_reduce of means", SUM, [41, 301], &[41, 301], |x, dim, positions, source| {
            x.scatter_reduce(dim, positions, source, Reduce::Mean, ScatterOptions { include_self: false })
        }),
        writing("scatter_reduce of extremes", SUM, [41, 301], &[41, 301], |x, dim, positions, source| {
            x.scatter_reduce(dim, positions, source, Reduce::Max, ScatterOptions { include_self: true })
        }),
        writing("index_add", SUM, [53, 301], &[53], Tensor::index_add),
        writing("index_copy", EXACT, [53, 301], &[53], Tensor::index_copy),
        writing("index_fill", EXACT, [53, 301], &[53], |x, dim, positions, source| {
            x.index_fill(dim, positions, 0.5)?.add(&source.slice(0, 0, 37)?)
        }),
        writing("index_put", SUM, [53, 301], &[53], |x, _, positions, source| {
            x.index_put(&[Some(positions.clone())], source, true)?.index_put(&[Some(positions.clone())], source, false)
        }),
        writing("masked_select and masked_scatter", EXACT, [37, 301], &[1], |x, _, _, source| {
            let mask = x.gt_scalar(0.25)?;
            x.masked_scatter(&mask, &source.masked_select(&mask)?.mul_scalar(2.0)?)
        }),
        exact("writing of ints and bools", ["ints", "sums", "bools"], |device| {
            let (x, source) = (ints("own", &LARGE, [-99, 99], device)?, ints("source", &[53, 301], [-99, 99], device)?);
            let positions = ints("positions", &[53], [0, 36], device)?;
            let (is_own, is_source) = (noise("own", &LARGE, device)?.gt_scalar(0.0)?, source.gt_scalar(0.0)?);
            Ok([
                x.index_copy(0, &positions, &source)?,
                x.index_add(0, &positions, &source)?,
                is_own.index_copy(0, &positions, &is_source)?,
            ])
        }),
    ]
}
