//! What a kernel found wrong with its input, and nobody has read yet. Asking the device at once would mean waiting for
//! it. It is asked when a value that is not a number comes back, and then gives the error that the CPU gives at the
//! call itself.

use std::cell::RefCell;

use crate::{Error, Result, Tensor, position::number};

/// The last so many calls; the loss of a step seldom hangs on more.
const KEPT: usize = 64;

thread_local! {
    static DOUBTS: RefCell<Vec<Doubt>> = const { RefCell::new(Vec::new()) };
}

struct Doubt {
    op: &'static str,
    /// For each matrix the position of the first pivot that is not positive, from 1, or 0, and that pivot: `[count,
    /// 2]`.
    found: Tensor,
}

/// Keeps what a factorisation found, `[count, 2]`, until something is read that is not a number.
pub(super) fn note(op: &'static str, found: Tensor) {
    DOUBTS.with_borrow_mut(|doubts| {
        if doubts.len() == KEPT {
            doubts.remove(0);
        }
        doubts.push(Doubt { op, found });
    });
}

/// Forgets what was found: whatever came of it has been read.
pub fn forget() {
    DOUBTS.with_borrow_mut(Vec::clear);
}

/// Says whether a value that is not a number may come of a call whose input was wrong.
///
/// # Errors
/// It may: which call, and what was wrong. The device failed.
pub(in crate::tensor) fn settle() -> Result<()> {
    // What was found is read like any other value, and may be no number itself.
    let doubts = DOUBTS.with_borrow_mut(std::mem::take);
    for Doubt { op, found } in doubts {
        let found = found.floats()?;
        if let Some((at, pair)) = found.chunks_exact(2).enumerate().find(|(_, pair)| pair[0] > 0.0) {
            let (position, pivot) = (pair[0], pair[1]);
            let reason = match pivot.is_finite() {
                true => format!("matrix {} is not positive definite: pivot {position} is {pivot:.3e}", number(at)),
                false => format!("matrix {} is not finite, or overflows: pivot {position} is {pivot}", number(at)),
            };
            return Err(Error::State { op, reason });
        }
    }
    Ok(())
}
