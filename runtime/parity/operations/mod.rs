//! Every operation of a tensor. By what they do.

mod choosing;
mod elementwise;
mod images;
mod integers;
mod layout;
mod linear_algebra;
mod matrices;
mod operation;
mod reductions;
mod views;

use super::Case;

pub(super) fn cases() -> Vec<Case> {
    [
        elementwise::cases(),
        integers::cases(),
        choosing::cases(),
        reductions::cases(),
        layout::cases(),
        matrices::cases(),
        linear_algebra::cases(),
        images::cases(),
        views::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
