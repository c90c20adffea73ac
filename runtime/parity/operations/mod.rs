//! Every operation of a tensor. By what they do.

mod choosing;
mod cumulative;
mod elementwise;
mod functions;
mod images;
mod integers;
mod layout;
mod linear_algebra;
mod matrices;
mod mixing;
mod operation;
mod order;
mod reductions;
mod views;
mod writing;

use super::Case;

pub(super) fn cases() -> Vec<Case> {
    [
        elementwise::cases(),
        functions::cases(),
        integers::cases(),
        choosing::cases(),
        reductions::cases(),
        cumulative::cases(),
        order::cases(),
        layout::cases(),
        matrices::cases(),
        linear_algebra::cases(),
        images::cases(),
        views::cases(),
        mixing::cases(),
        writing::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
