//! Every operation of a tensor. By what they do.

mod choosing;
mod elementwise;
mod images;
mod integers;
mod layout;
mod matrices;
mod operation;
mod reductions;
mod views;
mod writing;

use super::Case;

pub(super) fn cases() -> Vec<Case> {
    [
        elementwise::cases(),
        integers::cases(),
        choosing::cases(),
        reductions::cases(),
        layout::cases(),
        matrices::cases(),
        images::cases(),
        views::cases(),
        writing::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
