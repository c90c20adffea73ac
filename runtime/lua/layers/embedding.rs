//! Vectors of ids.

use crate::{
    lua::api::Api,
    nn::{self, EmbeddingOptions},
    position::FIRST,
};

pub(super) fn declare(api: &mut Api) {
    api.function(
        "nn.embedding",
        "count, size, options",
        "A learnt vector for each of so many ids, which are ints from 1: ids of any shape to [..., size]. The weight [count, \
         size] starts normal. The vector of options.padding is 0 and has no gradient.",
        |count: usize, size: usize, options: EmbeddingOptions| nn::embedding(count, size, FIRST, options),
    )
    .example(
        r#"local words = mb.nn.embedding(10, 4, { padding = 1 }):realise("words")
local vectors = words(mb.tensor { { 3, 1, 1 }, { 2, 10, 7 } })
print(table.concat(vectors.shape, " x "), vectors[1][2]:abs():sum():item()) --> 2 x 3 x 4 0.0
print(vectors[2][2]:equal(words.weight[10])) --> true"#,
    );
}
