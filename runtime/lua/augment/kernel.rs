//! A kernel of the script's own as an augmentation.

use std::fmt;

use mlua::{Lua, Table, Value, WeakLua};

use crate::{
    Device, Error, Result, Tensor,
    lua::{
        api::value_name,
        kernel::ScriptKernel,
        order::{self, objects},
    },
    tensor::Kind,
    views::RowDraws,
};

const OP: &str = "kernel";

/// The binding that is given the images.
const IMAGES: &str = "images";
/// The binding that is given random numbers.
const DRAWS: &str = "draws";

/// A kernel, what it is given besides the images, and how many random numbers for each.
pub(super) struct KernelStep {
    kernel: ScriptKernel,
    inputs: Option<Table>,
    draws: usize,
    /// What it is given, in words.
    shown: Vec<String>,
    lua: WeakLua,
}

impl KernelStep {
    /// The step of a kernel.
    ///
    /// # Errors
    /// A kernel that reads no `images`, or that is not given what else it takes.
    pub fn new(kernel: ScriptKernel, inputs: Option<Table>, draws: usize, lua: &Lua) -> Result<Self> {
        let program = kernel.program();
        let refuse = |reason: String| Err(Error::Kernel { kernel: program.forward().name().into(), reason });
        let mut given = Vec::new();
        if let Some(inputs) = &inputs {
            for (key, value) in order::entries(inputs).map_err(Error::callback)? {
                let Value::String(key) = &key else {
                    return Err(Error::argument(OP, "every input", "named", value_name(&key)));
                };
                given.push(match value {
                    Value::UserData(_) => (key.to_string_lossy(), None),
                    Value::Integer(_) | Value::Number(_) => (key.to_string_lossy(), Some(value_name(&value))),
                    _ => {
                        let want = "a tensor or a number";
                        return Err(Error::argument(OP, key.to_string_lossy(), want, value_name(&value)));
                    }
                });
            }
        }
        let takes = |name: &str| {
            program.inputs().any(|binding| binding.name == name) || program.fields().any(|field| field == name)
        };
        if let Some(name) = given.iter().map(|(name, _)| name).find(|name| !takes(name)) {
            let known = program.inputs().map(|binding| binding.name.as_str()).chain(program.fields());
            return Err(Error::unknown(program.forward().name(), "input", name.as_str(), known));
        }
        let reads: Vec<&str> = program.inputs().map(|binding| binding.name.as_str()).collect();
        if !reads.contains(&IMAGES) {
            return refuse(format!("an augmentation reads '{IMAGES}', and this one {}", reads.join(", ")));
        }
        if program.outputs().count() != 1 {
            return refuse("an augmentation writes one binding".into());
        }
        if reads.contains(&DRAWS) && draws == 0 && !given.iter().any(|(name, _)| name == DRAWS) {
            return refuse(format!("it reads '{DRAWS}': say how many numbers it takes for each image, draws = N"));
        }
        let known = |name: &str| {
            name == IMAGES
                || name == DRAWS && draws > 0
                || SIZES.contains(&name)
                || given.iter().any(|(one, _)| one == name)
        };
        if let Some(name) = reads.into_iter().chain(program.fields()).find(|name| !known(name)) {
            return refuse(format!("as an augmentation it must be given '{name}', among inputs"));
        }
        // A copy: what the script does to its table later changes nothing.
        let inputs = inputs.map(|inputs| order::copied(lua, &inputs)).transpose().map_err(Error::callback)?;
        let mut shown: Vec<String> = (draws > 0).then(|| format!("draws = {draws}")).into_iter().collect();
        shown.extend(given.into_iter().map(|(name, value)| match value {
            Some(value) => format!("{name} = {value}"),
            None => name,
        }));
        Ok(Self { kernel, inputs, draws, shown, lua: lua.weak() })
    }

    /// What it makes of images.
    pub fn call(&self, images: Tensor, draws: &RowDraws, device: &Device) -> Result<Tensor> {
        let lua = self
            .lua
            .try_upgrade()
            .ok_or_else(|| Error::State { op: OP, reason: "the script that has the kernel is gone".into() })?;
        let arguments = self.arguments(&lua, images, draws).map_err(Error::callback)?;
        let mut made = self.kernel.launch(&lua, &arguments, device)?;
        match made.pop().filter(|made| made.kind() == Kind::Float) {
            Some(made) => Ok(made),
            None => {
                let kernel = self.kernel.program().forward().name().into();
                Err(Error::Kernel { kernel, reason: "an augmentation writes floats".into() })
            }
        }
    }

    fn arguments(&self, lua: &Lua, images: Tensor, draws: &RowDraws) -> mlua::Result<Table> {
        let table = lua.create_table()?;
        let program = self.kernel.program();
        for (name, size) in SIZES.iter().zip(images.shape().to_vec()) {
            if program.fields().any(|field| field == *name) {
                table.raw_set(*name, size)?;
            }
        }
        if program.inputs().any(|binding| binding.name == DRAWS) && self.draws > 0 {
            let drawn = draws.uniform(0.0, 1.0, &[self.draws]).map_err(mlua::Error::external)?;
            table.raw_set(DRAWS, objects::create(lua, drawn)?)?;
        }
        table.raw_set(IMAGES, objects::create(lua, images)?)?;
        if let Some(inputs) = &self.inputs {
            for pair in inputs.pairs::<Value, Value>() {
                let (key, value) = pair?;
                table.raw_set(key, value)?;
            }
        }
        Ok(table)
    }
}

/// Fields of a kernel's uniform that are the images' sizes.
const SIZES: [&str; 4] = ["count", "channels", "height", "width"];

impl fmt::Display for KernelStep {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "kernel {}", self.kernel.program().forward().name())?;
        if self.shown.is_empty() { Ok(()) } else { write!(formatter, " ({})", self.shown.join(", ")) }
    }
}
