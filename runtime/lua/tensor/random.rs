//! Draws by the values of a tensor.

use crate::{
    Tensor,
    lua::{
        api::{Class, Docs},
        context::Context,
        drawing::source,
        position,
    },
    options::options,
    tensor::Parameter,
};

options! {
    /// Options of multinomial.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct MultinomialOptions {
        /// Whether a position may come again.
        pub replacement: bool = false;
    }
}

pub(super) fn random(class: &mut Class<Tensor>, docs: &mut Docs) {
    class
        .method(
            docs,
            "bernoulli",
            "",
            "1 with the probability that an element is, else 0. Keyed as rand. No gradient.",
            |cx: Context, t: Tensor| Tensor::bernoulli(&Parameter::Tensor(t), None, &source(&cx, "bernoulli")),
        )
        .example(
            r"print(mb.tensor({ 0.0, 1.0 }):bernoulli())
--> tensor [2] float32 on cpu
--> [0.0000, 1.0000]",
        );
    class
        .method(
            docs,
            "multinomial",
            "count, options",
            "So many positions along the last dim, from 1, drawn by weights [n] or [rows, n] that need not sum to 1: int \
             [count] or [rows, count]. None comes twice unless options.replacement is true. Keyed as rand.",
            |cx: Context, t: Tensor, count: usize, options: MultinomialOptions| {
                position::to_lua(&t.multinomial(count, options.replacement, &source(&cx, "multinomial"))?)
            },
        )
        .example(
            r"print(mb.tensor({ 0.0, 3.0, 0.0 }):multinomial(4, { replacement = true }))
--> tensor [4] int32 on cpu
--> [2, 2, 2, 2]",
        );
}
