//! Linear algebra with gradients: what heads and whitening are made of.

mod distances;
mod factors;
mod heads;
mod norms;
mod products;
mod solving;

use super::api::Api;

/// Declares the functions.
pub fn declare(api: &mut Api) {
    heads::declare(api);
    distances::declare(api);
    factors::declare(api);
    solving::declare(api);
    norms::declare(api);
    products::declare(api);
}
