//! Losses.

mod classes;
mod contrastive;
mod margins;
mod numbers;
mod truths;
mod views;

use super::{api::Api, object::named};
use crate::loss::{KlReduction, Mining, Reduction};

named! {
    Reduction;
    KlReduction;
    Mining;
}

/// Declares the functions.
pub fn declare(api: &mut Api) {
    contrastive::declare(api);
    classes::declare(api);
    truths::declare(api);
    numbers::declare(api);
    margins::declare(api);
    views::declare(api);
}
