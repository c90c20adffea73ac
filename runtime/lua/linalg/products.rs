//! Products that an equation describes.

use crate::{
    Tensor,
    lua::api::{Api, Rest},
};

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "einsum",
        "equation, operands",
        "The sum of products that an equation such as \"bij,bjk->bik\" describes, as PyTorch's: a letter names a dim, one \
         that the result lacks is summed, one that comes twice in an operand takes the diagonal, and ... stands for \
         dims that broadcast. Without -> the result has the letters that come once, in the order of the alphabet. \
         Operands are multiplied from left to right.",
        |equation: String, operands: Rest<Tensor>| Tensor::einsum(&equation, &operands.0),
    )
    .example(
        r#"local a, b = mb.tensor { { 1.0, 2.0 }, { 3.0, 4.0 } }, mb.tensor { 1.0, 10.0 }
print(mb.einsum("ij,j->i", a, b))
--> tensor [2] float32 on cpu
--> [21.0000, 43.0000]
print(mb.einsum("ii", a):item()) --> 5.0"#,
    );
}
