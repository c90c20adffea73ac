//! Tensors from files and to files.

use std::{collections::BTreeMap, path::Path};

use mlua::{Lua, Value};

use super::{
    api::{Api, Argument, Docs, Interpreter, mismatch, of_kind},
    context::Context,
    order,
    tensor::{Tensors, named},
};
use crate::{
    Error, Result, Tensor,
    nn::weights,
    tensor_files::{self, GridOptions, PictureOptions},
};

of_kind!(
    /// What a file says of itself.
    Notes,
    "table<string, string>"
);

/// Text by name.
struct Metadata(BTreeMap<String, String>);

impl Argument for Metadata {
    fn kind(_: &mut Docs) -> String {
        "table<string, string>".into()
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        let Value::Table(table) = &value else { return Err(mismatch(op, name, "a table of strings", &value)) };
        let entries = order::entries(table).map_err(Error::callback)?.into_iter().map(|(key, value)| {
            let key = String::from_value(key, lua, op, &format!("a name of {name}"))?;
            let text = String::from_value(value, lua, op, &format!("{name}.{key}"))?;
            Ok((key, text))
        });
        entries.collect::<Result<_>>().map(Self)
    }
}

/// Declares the functions.
pub fn declare(api: &mut Api) {
    arrays(api);
    safetensors(api);
    pictures(api);
}

fn arrays(api: &mut Api) {
    api.function(
        "io.load_npy",
        "file",
        "The tensor of an .npy file of numpy's, of any order and byte order. A format that the device has stays; \
         others become float32, int32 or int64, and an integer that does not fit is an error. The path counts from the working directory, as in all of mb.io.",
        |cx: Context, file: String| tensor_files::load_npy(Path::new(&file), cx.open("load_npy", &file)?, &cx.device),
    )
    .example(
        r#"mb.io.save_npy(mb.range(1, 6):reshape(2, 3), "out/numbers.npy")
print(mb.io.load_npy("out/numbers.npy"))
--> tensor [2, 3] int32 on cpu
--> [[1, 2, 3],
-->  [4, 5, 6]]"#,
    );
    api.function(
        "io.save_npy",
        "tensor, file",
        "Writes a tensor to an .npy file, as numpy.save does. The file is the old one or the new one, whole. A check \
         keeps what mb.io saves in memory, where mb.io finds it.",
        |cx: Context, tensor: Tensor, file: String| cx.write(file, tensor_files::npy_bytes(&tensor)?),
    )
    .example(
        r#"mb.io.save_npy(mb.eye(3), "out/eye.npy")  -- numpy.load("out/eye.npy") has it
print(mb.io.load_npy("out/eye.npy"):sum():item()) --> 3.0"#,
    );
    api.function(
        "io.load_npz",
        "file",
        "The tensors of an .npz file of numpy's, compressed or not: a table by name. Each as by load_npy.",
        |lua: Interpreter, cx: Context, file: String| {
            let tensors = tensor_files::load_npz(Path::new(&file), cx.open("load_npz", &file)?, &cx.device)?;
            named(&lua.0, tensors.into_iter().map(Ok))
        },
    )
    .example(
        r#"mb.io.save_npz({ mean = mb.zeros(3), labels = mb.tensor { 1, 2 } }, "out/set.npz")
for name, tensor in pairs(mb.io.load_npz("out/set.npz")) do print(name, tensor.dtype) end
--> labels int32
--> mean float32"#,
    );
    api.function(
        "io.save_npz",
        "tensors, file",
        "Writes a table of tensors by name to an .npz file, as numpy.savez does: in the order of the names, so that \
         the same tensors are the same bytes.",
        |cx: Context, tensors: Tensors, file: String| {
            cx.write(file, tensor_files::npz_bytes(&tensors.named("save_npz", "tensors")?)?)
        },
    )
    .example(
        r#"mb.io.save_npz({ mean = mb.zeros(3), std = mb.ones(3) }, "out/statistics.npz")
print(mb.io.load_npz("out/statistics.npz").std:sum():item()) --> 3.0"#,
    );
}

fn safetensors(api: &mut Api) {
    api.function(
        "io.load_safetensors",
        "file",
        "The tensors of a safetensors file, a table by name, and its metadata, a table of text. Element types as of \
         load_npy, and bfloat16.",
        |lua: Interpreter, cx: Context, file: String| {
            const OP: &str = "load_safetensors";
            let (tensors, metadata) = weights::read(OP, Path::new(&file), cx.open(OP, &file)?, &cx.device)?;
            let notes = lua.0.create_table().map_err(Error::callback)?;
            for (name, text) in metadata {
                notes.raw_set(name, text).map_err(Error::callback)?;
            }
            Ok((named(&lua.0, tensors.into_iter().map(Ok))?, Notes::from(notes)))
        },
    )
    .example(
        r#"mb.io.save_safetensors({ weight = mb.ones(2, 2) }, "out/some.safetensors", { step = "7" })
local tensors, metadata = mb.io.load_safetensors("out/some.safetensors")
print(tensors.weight:sum():item(), metadata.step) --> 4.0 7"#,
    );
    api.function(
        "io.save_safetensors",
        "tensors, file, metadata",
        "Writes a table of tensors by name to a safetensors file, and text by name as its metadata. The same tensors \
         and one text at most are the same bytes.",
        |cx: Context, tensors: Tensors, file: String, metadata: Option<Metadata>| {
            let tensors: Vec<_> = tensors.named("save_safetensors", "tensors")?.into_iter().collect();
            let metadata = metadata.map_or_else(BTreeMap::new, |metadata| metadata.0);
            cx.write(file, weights::encode(weights::read_all(&tensors)?, &metadata)?)
        },
    )
    .example(
        r#"local layer = mb.nn.linear(3, 2):realise("layer")
mb.io.save_safetensors(layer:state(), "out/layer.safetensors")
print((layer:load("out/layer.safetensors"))) --> 2"#,
    );
}

fn pictures(api: &mut Api) {
    api.function(
        "io.load_image",
        "file, options",
        "A picture of a file as floats in 0..1: [3, H, W]. Read as mb.data.images reads one, of the same formats: \
         upright, gray as three channels, 16 bits as 8.",
        |cx: Context, file: String, options: PictureOptions| {
            let kept = cx.kept(&file);
            tensor_files::load_picture(Path::new(&file), kept.as_deref(), &options, &cx.device)
        },
    )
    .example(
        r#"mb.io.save_image(mb.rand(3, 40, 60), "out/noise.png")
print(table.concat(mb.io.load_image("out/noise.png").shape, " x ")) --> 3 x 40 x 60
print(table.concat(mb.io.load_image("out/noise.png", { size = 8 }).shape, " x ")) --> 3 x 8 x 8"#,
    );
    api.function(
        "io.save_image",
        "image, file",
        "Writes an image [3, H, W], [1, H, W] or [H, W] to a .png or .jpg file: floats in 0..1, clamped and rounded; \
         integers of 0 to 255; or truth values, black and white.",
        |cx: Context, image: Tensor, file: String| {
            let bytes = tensor_files::picture_bytes(&image, Path::new(&file))?;
            cx.write(file, bytes)
        },
    )
    .example(
        r#"mb.io.save_image(mb.tensor { { 0.0, 0.2, 1.0 } }, "out/gray.png")
print(mb.io.load_image("out/gray.png")[1])
--> tensor [1, 3] float32 on cpu
--> [[0.0000, 0.2000, 1.0000]]"#,
    );
    api.function(
        "io.grid",
        "images, options",
        "Images [N, C, H, W] side by side in one, row by row: [C, H', W'], for mb.io.save_image. One channel becomes \
         three. As torchvision's make_grid.",
        |images: Tensor, options: GridOptions| tensor_files::grid(&images, &options),
    )
    .example(
        r#"local grid = mb.io.grid(mb.rand(10, 3, 32, 32), { columns = 5 })
mb.io.save_image(grid, "out/grid.png")
print(table.concat(grid.shape, " x ")) --> 3 x 70 x 172"#,
    );
}
