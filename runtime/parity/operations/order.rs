//! Sorting, counting and finding: values with their gradients, and positions, which are the same on every device.

use super::operation::{LARGE, exact, unary};
use crate::{
    Tensor,
    parity::{
        Case,
        noise::{ints, noise, uniform},
        tolerance::{EXACT, SUM},
    },
    tensor::Interpolation,
};

pub(super) fn cases() -> Vec<Case> {
    vec![
        unary("sort", EXACT, &LARGE, |x| Ok(x.sort(1, false)?.0)),
        unary("kthvalue", EXACT, &LARGE, |x| Ok(x.kthvalue(5, 0, true)?.0)),
        unary("median", EXACT, &LARGE, |x| Ok(x.median(1, false)?.0)),
        unary("median of all", EXACT, &LARGE, |x| x.median_of_all(false)),
        unary("quantile", SUM, &LARGE, |x| x.quantile(&[0.1, 0.77], Some(1), false, Interpolation::Linear)),
        unary("max_with_positions and min_with_positions", EXACT, &LARGE, |x| {
            Tensor::stack(&[x.max_with_positions(1, true)?.0, x.min_with_positions(1, true)?.0], 0)
        }),
        exact("positions of sort, argsort and topk", ["sort", "argsort", "smallest"], |device| {
            let x = noise("sort", &LARGE, device)?;
            Ok([x.sort(0, true)?.1, x.argsort(1, false)?, x.smallest_k(4, 1)?.1])
        }),
        exact("any, all and count_nonzero", ["any", "all", "count_nonzero"], |device| {
            let x = ints("truths", &LARGE, [0, 3], device)?;
            Ok([x.any(0, false)?, x.gt_scalar(0.0)?.all(1, false)?, x.count_nonzero(None, false)?])
        }),
        exact("cumulative ints", ["cumsum", "cumprod", "cummax", "prod"], |device| {
            let x = ints("cumulative", &LARGE, [-1, 1], device)?;
            Ok([x.cumsum(1)?, x.cumprod(0)?, x.cummax(1)?.1, x.prod(1, false)?])
        }),
        exact("nonzero and unique", ["nonzero", "values", "inverse", "counts"], |device| {
            let x = ints("unique", &LARGE, [-3, 3], device)?;
            let found = x.unique()?;
            Ok([x.nonzero()?, found.values, found.inverse, found.counts])
        }),
        exact("bincount, histc and searchsorted", ["counts", "sums", "bins", "places"], |device| {
            let (labels, x) =
                (ints("labels", &LARGE, [0, 8], device)?, uniform("weights", &LARGE, [0.0, 1.0], device)?);
            let sorted = noise("sorted", &[53], device)?.sort(0, false)?.0;
            Ok([
                labels.bincount(10, None)?,
                labels.bincount(9, Some(&x))?,
                x.histc(13, Some([0.1, 0.9]))?,
                sorted.searchsorted(&x, true)?,
            ])
        }),
    ]
}
