//! Which kernel computes a convolution: a rule of its sizes alone, so that a repetition takes the same. It was found by
//! timing the kernels beside one another, and is never measured at run time. `benches/convolution.py --parts kernels`, with
//! and without `--set convolution=exact`, times what it chooses with and without Winograd's (page 13).

use super::{few_channels, geometry::Geometry, matrix, winograd};

/// How outputs, or gradients by images, are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tensor) enum Method {
    /// A matrix product of pixels and a 1×1 kernel.
    Matrix,
    /// In a quarter of the multiplications, and with larger errors.
    Winograd,
    /// As sums where the values lie. It has every size.
    Direct,
    /// As matrix products with patches. For gradients by weights alone.
    Patches,
}

/// Channels, and outputs, from which the transforms of Winograd's method cost less than what it saves.
const TRANSFORMED: usize = 16;

/// How outputs from pixels are computed, and pixels from outputs.
pub(super) fn of_images(geometry: &Geometry, exact: bool) -> Method {
    // What few channels become is hardly worth a product of matrices.
    let few = geometry.channels.min(geometry.outputs) < TRANSFORMED;
    if matrix::fits(geometry) && !few {
        Method::Matrix
    } else if winograd::fits(geometry) && !exact && !few && !is_small(geometry) {
        Method::Winograd
    } else {
        Method::Direct
    }
}

/// How gradients by weights are computed.
pub(super) fn of_weight(geometry: &Geometry, exact: bool) -> Method {
    let few = geometry.channels.min(geometry.outputs) < TRANSFORMED;
    if matrix::fits(geometry) && !few {
        Method::Matrix
    } else if winograd::fits(geometry) && !exact && !few && !is_small(geometry) {
        Method::Winograd
    } else if geometry.groups > 1 || geometry.channels <= few_channels::CHANNELS {
        Method::Direct
    } else {
        Method::Patches
    }
}

/// Whether so much of a tile of 4×4 lies outside that nothing is saved.
fn is_small(geometry: &Geometry) -> bool {
    let covered: usize = geometry.out.iter().map(|size| size.next_multiple_of(4)).product();
    covered > 2 * geometry.positions() || geometry.positions() < 9
}
