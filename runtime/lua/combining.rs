//! Free functions of several tensors beside each other, and of images as patches.

use super::api::Api;
use crate::{Result, Tensor, options::Pair, tensor::PatchOptions};

/// Declares the functions.
pub fn declare(api: &mut Api) {
    let mut several = |name, doc: &str, example: &str, function: fn(&[Tensor]) -> Result<Vec<Tensor>>| {
        api.function(name, "tensors", doc, move |tensors: Vec<Tensor>| function(&tensors)).example(example);
    };
    several(
        "broadcast_tensors",
        "A list of the tensors, all in the shape that they broadcast to.",
        r#"local a, b = table.unpack(mb.broadcast_tensors { mb.ones(3, 1), mb.ones(2) })
print(table.concat(b.shape, " x ")) --> 3 x 2"#,
        Tensor::broadcast_tensors,
    );
    several(
        "meshgrid",
        "A list of the coordinates of a grid: of vectors [n], [m], … tensors [n, m, …], each of which varies along its own dim.",
        r"local rows, columns = table.unpack(mb.meshgrid { mb.range(1, 2), mb.range(1, 3) })
print(rows)
--> tensor [2, 3] int32 on cpu
--> [[1, 1, 1],
-->  [2, 2, 2]]",
        Tensor::meshgrid,
    );
    let mut one = |name, doc: &str, example: &str, function: fn(&[Tensor]) -> Result<Tensor>| {
        api.function(name, "tensors", doc, move |tensors: Vec<Tensor>| function(&tensors)).example(example);
    };
    one(
        "cartesian_prod",
        "Every choice of one element of each vector: [n · m · …, vectors], the last one moving fastest.",
        r"print(mb.cartesian_prod { mb.tensor { 1, 2 }, mb.tensor { 7, 8 } })
--> tensor [4, 2] int32 on cpu
--> [[1, 7],
-->  [1, 8],
-->  [2, 7],
-->  [2, 8]]",
        Tensor::cartesian_prod,
    );
    one(
        "block_diag",
        "Matrices along the diagonal of one, 0 elsewhere. A vector is a row.",
        r"print(mb.block_diag { mb.tensor { { 1, 2 } }, mb.tensor { { 3 }, { 4 } } })
--> tensor [3, 3] int32 on cpu
--> [[1, 2, 0],
-->  [0, 0, 3],
-->  [0, 0, 4]]",
        Tensor::block_diag,
    );
    one(
        "hstack",
        "Tensors beside each other: joined along the second dim, vectors along the only one.",
        r"print(mb.hstack { mb.tensor { { 1 }, { 2 } }, mb.tensor { { 3 }, { 4 } } })
--> tensor [2, 2] int32 on cpu
--> [[1, 3],
-->  [2, 4]]",
        Tensor::hstack,
    );
    one(
        "vstack",
        "Tensors below each other: joined along the first dim, vectors as rows.",
        r"print(mb.vstack { mb.tensor { 1, 2 }, mb.tensor { 3, 4 } })
--> tensor [2, 2] int32 on cpu
--> [[1, 2],
-->  [3, 4]]",
        Tensor::vstack,
    );
    api.function(
        "unfold",
        "images, options",
        "The patches of images [N, C, H, W] as columns [N, C · height · width of a patch, patches]; without N the same. \
         PyTorch's F.unfold.",
        |images: Tensor, options: PatchOptions| images.im2col(options),
    )
    .example(
        r#"local patches = mb.unfold(mb.ones(1, 2, 5, 5), { kernel = 3, stride = 2 })
print(table.concat(patches.shape, " x ")) --> 1 x 18 x 4"#,
    );
    api.function(
        "fold",
        "columns, size, options",
        "Columns as unfold gives them, [N, C · height · width of a patch, patches], added up to images [N, C, H, W] of a size; \
         without N the same. PyTorch's F.fold.",
        |columns: Tensor, size: Pair, options: PatchOptions| columns.col2im(size.0, options),
    )
    .example(
        r"local images = mb.ones(1, 1, 3, 3)
local options = { kernel = 2 }
print(mb.fold(mb.unfold(images, options), 3, options))
--> tensor [1, 1, 3, 3] float32 on cpu
--> [[[[1.0000, 2.0000, 1.0000],
-->    [2.0000, 4.0000, 2.0000],
-->    [1.0000, 2.0000, 1.0000]]]]",
    );
}
