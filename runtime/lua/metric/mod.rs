//! Metrics: how good predictions, rankings and clusterings are.

mod classes;
mod clusters;
mod ranking;

use super::{api::Api, object::named};
use crate::metric::{Averaged, NmiAverage, ScoreAverage};

named! {
    Averaged;
    NmiAverage;
    ScoreAverage;
}

/// Declares the functions.
pub fn declare(api: &mut Api) {
    classes::declare(api);
    ranking::declare(api);
    clusters::declare(api);
}
