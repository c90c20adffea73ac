//! Parameters and buffers of modules composed in Lua.

use mlua::{Lua, Value};

use super::{
    api::{Api, Argument, Docs, mismatch},
    order::objects,
};
use crate::{
    Error, Result, Tensor,
    nn::{Buffer, Parameter, ParameterOptions, Role},
    options::options,
    tensor::size,
};

options! {
    /// Options of `mb.nn.buffer`.
    pub struct BufferOptions {
        /// One value everywhere, of a buffer that is made from sizes.
        pub value: f64 = 0.0;
    }
}

/// Sizes, or a tensor that has them.
enum SizesOrTensor {
    Sizes(Vec<usize>),
    Tensor(Tensor),
}

impl Argument for SizesOrTensor {
    fn kind(docs: &mut Docs) -> String {
        format!("{}|{}", Vec::<usize>::kind(docs), <Tensor as Argument>::kind(docs))
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match &value {
            Value::UserData(data) if objects::is::<Tensor>(data) => {
                Tensor::from_value(value, lua, op, name).map(Self::Tensor)
            }
            Value::Table(_) => Vec::from_value(value, lua, op, name).map(Self::Sizes),
            other => Err(mismatch(op, name, "a list of sizes or a tensor", other)),
        }
    }
}

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "nn.parameter",
        "sizes, options",
        "A parameter for mb.nn.module: of these sizes, or starting with the values of a tensor, as float32.",
        |sizes: SizesOrTensor, options: ParameterOptions| match sizes {
            SizesOrTensor::Sizes(sizes) => {
                // How much room it takes is looked at where it is drawn.
                size::product("parameter", "the size", &sizes)?;
                Ok(Parameter::new(&sizes, options.start(&sizes)?, options.role.unwrap_or(Role::Weight)))
            }
            SizesOrTensor::Tensor(_) if options != (ParameterOptions { role: options.role, ..Default::default() }) => {
                let reason = "a tensor says what it starts with, and so do the options; give sizes with options".into();
                Err(Error::State { op: "parameter", reason })
            }
            SizesOrTensor::Tensor(tensor) => Parameter::of(&tensor, options.role.unwrap_or(Role::Weight)),
        },
    )
    .example(
        r#"local scaled = mb.nn.module {
  scale = mb.nn.parameter({ 2 }, { value = 3 }),
  shift = mb.nn.parameter(mb.tensor { 0.5, 1 }, { role = "bias" }),
  basis = mb.nn.parameter({ 2, 2 }, { init = mb.nn.init.orthogonal() }),
  forward = function(self, x) return self.scale * x + self.shift end,
}
print(scaled:realise("scaled")(mb.tensor { 1.0, 2.0 }))
--> tensor [2] float32 on cpu, requires grad
--> [3.5000, 7.0000]"#,
    );
    api.function(
        "nn.buffer",
        "sizes, options",
        "A buffer for mb.nn.module: of these sizes, or starting with a tensor, whose dtype it keeps. Its forward, or a \
         method, sets it: self.NAME = tensor. No optimizer moves it, it is no part of a gradient, and it is in \
         checkpoints, copies and saved weights. An update that fails or is skipped takes it back with running statistics.",
        |sizes: SizesOrTensor, options: BufferOptions| match sizes {
            SizesOrTensor::Sizes(sizes) => {
                size::product("buffer", "the size", &sizes)?;
                Ok(Buffer::new(&sizes, options.value))
            }
            SizesOrTensor::Tensor(_) if options.value != 0.0 => {
                Err(Error::argument("buffer", "value", "of a buffer that is made from sizes", "a tensor with it"))
            }
            SizesOrTensor::Tensor(tensor) => Ok(Buffer::of(&tensor)),
        },
    )
    .example(
        r#"local teacher = mb.nn.module {
  head = mb.nn.linear(3, 2),
  center = mb.nn.buffer({ 2 }), -- as DINO's
  forward = function(self, x) return (self.head(x) - self.center):softmax(-1) end,
  follow = function(self, x) self.center = 0.9 * self.center + 0.1 * self.head(x):mean(1) end,
}:realise("teacher")
teacher:follow(mb.ones(4, 3))
print(teacher.center:abs():sum():item() > 0, teacher:state().center.shape[1]) --> true 2"#,
    );
}
