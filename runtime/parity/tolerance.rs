//! How far apart two right devices may be, as a share of the largest value of a tensor (see [`super::Drift`]). A unit
//! in the last place of float32 is 1.2e-7 of a value. Each bound leaves about ten times what a right device needs: a
//! wrong kernel is off by 1e-2 and more.

/// Moved, compared and counted values are the same bits.
pub(super) const EXACT: f64 = 0.0;

/// A few roundings: WGSL wants +, − and · rounded correctly, a division within 2.5 units in the last place.
pub(super) const ARITHMETIC: f64 = 2e-6;

/// Transcendental functions: WGSL allows exp 3 + 2·|x| units in the last place, and powers what follows from that.
pub(super) const FUNCTION: f64 = 2e-5;

/// WGSL allows sin and cos an absolute error of 2⁻¹¹ = 4.9e-4.
pub(super) const TRIGONOMETRY: f64 = 1e-3;

/// Sums and products of some thousand terms in any order.
pub(super) const SUM: f64 = 2e-5;

/// A layer or a loss: several sums one after the other, with divisions by what they gave.
pub(super) const LAYER: f64 = 1e-4;

/// A network of twenty layers. Each batch normalisation divides by a deviation and so magnifies what came before; and
/// an activation within rounding of 0 may have its gradient on one device and none on the other.
pub(super) const NETWORK: f64 = 5e-3;
