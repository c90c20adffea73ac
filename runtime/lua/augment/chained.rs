//! Augmentations, functions and kernels as a script gives them.

use mlua::{Lua, Value};

use super::{augmentation::Augmentation, function::ScriptFunction, kernel::KernelStep};
use crate::{
    Error, Result,
    lua::{
        api::{Argument, Docs, mismatch},
        kernel::ScriptKernel,
        order::{self, objects},
    },
    position::number,
};

/// Augmentations, functions and kernels as a script gives them: one, or a list.
pub(super) struct Chained(pub Vec<Augmentation>);

impl Chained {
    /// What several arguments mean: one list, or one augmentation each.
    pub(super) fn of(values: Vec<Value>, lua: &Lua, op: &str) -> Result<Self> {
        let name = "augmentations";
        match values.as_slice() {
            [one @ Value::Table(_)] => Self::from_value(one.clone(), lua, op, name),
            _ => {
                let all = values.into_iter().enumerate();
                all.map(|(at, value)| one(value, lua, op, &format!("augmentation {}", number(at))))
                    .collect::<Result<_>>()
                    .map(Self)
            }
        }
    }
}

impl Chained {
    /// All of them one after another; one alone as it is.
    pub(super) fn joined(mut self) -> Result<Augmentation> {
        if self.0.len() == 1 { Ok(self.0.remove(0)) } else { Augmentation::chain(self.0) }
    }
}

impl Argument for Chained {
    fn kind(_: &mut Docs) -> String {
        let one = "moonburn.Augmentation|moonburn.Kernel|\
                   fun(images: moonburn.Tensor, draw: moonburn.Draw): moonburn.Tensor";
        format!("{one}|({one})[]")
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        let Value::Table(list) = &value else { return one(value, lua, op, name).map(|one| Self(vec![one])) };
        let mut all = Vec::new();
        for (key, value) in order::entries(list).map_err(Error::callback)? {
            match key {
                Value::Integer(key) if key == number(all.len()) => {
                    all.push(one(value, lua, op, &format!("{name}[{key}]"))?);
                }
                Value::Integer(_) => return Err(Error::argument(op, name, "a list without gaps", "one with gaps")),
                key => return Err(mismatch(op, name, "a list without named entries", &key)),
            }
        }
        Ok(Self(all))
    }
}

fn one(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Augmentation> {
    match &value {
        Value::Function(function) => Ok(Augmentation::of_function(ScriptFunction::new(function.clone(), lua))),
        Value::UserData(data) if objects::borrow::<ScriptKernel>(data).is_ok() => {
            let kernel = ScriptKernel::from_value(value, lua, op, name)?;
            KernelStep::new(kernel, None, 0, lua).map(Augmentation::of_kernel)
        }
        Value::UserData(_) => Augmentation::from_value(value, lua, op, name),
        _ => Err(mismatch(op, name, "an augmentation, a kernel or a function(images, draw)", &value)),
    }
}
