//! Arithmetic on sizes that users give: the one place where they are added and multiplied. What is too large is an
//! error with its values and never wraps.

use crate::{Error, Result};

/// The most elements that a tensor has, and the largest size of anything: positions are 32-bit on a GPU.
pub(crate) const MAX_ELEMENTS: usize = i32::MAX as usize;

/// The product of sizes.
///
/// # Errors
/// It is over 2³¹ − 1; `what` names it.
pub(crate) fn product(op: &str, what: &str, sizes: &[usize]) -> Result<usize> {
    let product = sizes.iter().try_fold(1usize, |product, size| product.checked_mul(*size));
    product.filter(|product| *product <= MAX_ELEMENTS).ok_or_else(|| {
        let shown: Vec<String> = sizes.iter().map(usize::to_string).collect();
        Error::argument(op, what, format!("at most {MAX_ELEMENTS}"), shown.join(" · "))
    })
}

/// An error unless a size is at most 2³¹ − 1.
pub(crate) fn check(op: &str, what: &str, size: usize) -> Result<()> {
    product(op, what, &[size]).map(|_| ())
}

/// How far a kernel reaches whose values are `dilation` apart: (kernel − 1) · dilation + 1, and 0 for a kernel of 0.
///
/// # Errors
/// A dilation of 0; a reach over 2³¹ − 1.
pub(crate) fn reach(op: &str, kernel: usize, dilation: usize) -> Result<usize> {
    if dilation == 0 {
        return Err(Error::argument(op, "dilation", "at least 1", 0));
    }
    let Some(gaps) = kernel.checked_sub(1) else { return Ok(0) };
    let most = (MAX_ELEMENTS - 1) / gaps.max(1);
    // A kernel that is too large by itself is for [`windows`] to refuse.
    if dilation > most.max(1) {
        return Err(Error::argument(op, "dilation", format!("at most {most}, for a kernel of {kernel}"), dilation));
    }
    Ok(gaps.saturating_mul(dilation).saturating_add(1))
}

/// How often a window of `kernel` fits into `size` with `padding` on either side, a `stride` from one to the next:
/// ⌊(size + 2 · padding − kernel) / stride⌋ + 1. None where it does not.
///
/// # Errors
/// A kernel or stride of 0; one of them, or the padded size, that is over 2³¹ − 1.
pub(crate) fn windows(op: &str, size: usize, kernel: usize, stride: usize, padding: usize) -> Result<Option<usize>> {
    for (what, value) in [("stride", stride), ("kernel", kernel)] {
        if value == 0 {
            return Err(Error::argument(op, what, "at least 1", 0));
        }
        check(op, what, value)?;
    }
    let padded = padding.checked_mul(2).and_then(|around| around.checked_add(size));
    let Some(padded) = padded.filter(|padded| *padded <= MAX_ELEMENTS) else {
        let want = format!("at most {}, for an image of {size}", (MAX_ELEMENTS - size) / 2);
        return Err(Error::argument(op, "padding", want, padding));
    };
    Ok(padded.checked_sub(kernel).map(|room| room / stride + 1))
}

/// The smallest size that a window of `kernel` fits into with `padding` on either side.
pub(crate) fn least(kernel: usize, padding: usize) -> usize {
    kernel.saturating_sub(padding.saturating_mul(2)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_told_with_its_values() {
        let message = |result: Result<usize>| result.unwrap_err().to_string();
        assert_eq!(
            message(product("resnet18", "channels", &[1 << 61, 8])),
            "resnet18: channels must be at most 2147483647, got 2305843009213693952 · 8"
        );
        assert_eq!(product("op", "what", &[1 << 30, 2]).ok(), None);
        assert_eq!(product("op", "what", &[1 << 16, 1 << 15]).ok(), None);
        assert_eq!(product("op", "what", &[3, 4, 5]).unwrap(), 60);
        let window = |padding, kernel, stride| windows("conv2d", 8, kernel, stride, padding);
        for padding in [1 << 62, (1 << 63) - 4, usize::MAX, 1 << 31] {
            let text = window(padding, 3, 1).unwrap_err().to_string();
            assert_eq!(text, format!("conv2d: padding must be at most 1073741819, for an image of 8, got {padding}"));
        }
        assert_eq!(
            window(1, 1 << 40, 1).unwrap_err().to_string(),
            "conv2d: kernel must be at most 2147483647, got 1099511627776"
        );
        assert_eq!(window(1, 3, 0).unwrap_err().to_string(), "conv2d: stride must be at least 1, got 0");
        let text = reach("conv2d", 3, usize::MAX).unwrap_err().to_string();
        assert_eq!(text, format!("conv2d: dilation must be at most 1073741823, for a kernel of 3, got {}", usize::MAX));
        assert_eq!(reach("conv2d", 3, 0).unwrap_err().to_string(), "conv2d: dilation must be at least 1, got 0");
        let reaches = [(0, 1), (1, 9), (3, 1), (3, 2)].map(|(kernel, dilation)| reach("op", kernel, dilation).unwrap());
        assert_eq!(reaches, [0, 1, 3, 5]);
        assert_eq!((least(9, 2), least(3, 1), least(1, 2), least(1, usize::MAX)), (5, 1, 1, 1));
        assert_eq!((window(1, 3, 2).unwrap(), window(0, 9, 1).unwrap()), (Some(4), None));
    }
}
