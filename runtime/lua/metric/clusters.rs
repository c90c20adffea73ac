//! Metrics of groupings.

use crate::{
    Tensor,
    lua::api::Api,
    metric::{self, NmiOptions},
};

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "metric.nmi",
        "a, b, options",
        "The normalised mutual information of two groupings, int [N]: the mutual information divided by a mean of the \
         entropies. 1 where they are the same up to names, 0 where neither says anything of the other.",
        |a: Tensor, b: Tensor, options: NmiOptions| metric::nmi(&a, &b, options),
    )
    .example(
        r#"print(mb.metric.nmi(mb.tensor { 1, 1, 2, 2 }, mb.tensor { 7, 7, 3, 3 })) --> 1.0
print(mb.metric.nmi(mb.tensor { 1, 1, 2, 2 }, mb.tensor { 1, 2, 1, 2 })) --> 0.0"#,
    );
    api.function(
        "metric.ari",
        "a, b",
        "The adjusted Rand index of two groupings, int [N] (Hubert and Arabie 1985): 1 where they are the same up to \
         names, 0 on average where they are drawn at random.",
        |a: Tensor, b: Tensor| metric::ari(&a, &b),
    )
    .example(
        r"print(mb.metric.ari(mb.tensor { 1, 1, 2, 2 }, mb.tensor { 7, 7, 3, 3 })) --> 1.0
print(mb.metric.ari(mb.tensor { 1, 1, 2, 2 }, mb.tensor { 1, 2, 1, 2 })) --> -0.5",
    );
}
