//! Values that a script gives to the overrides of a kernel and of its backward kernel.

use mlua::{Lua, Table};

use crate::{
    Error, Result,
    gpu::Kernel,
    lua::{
        api::{Argument, mismatch},
        order,
    },
};

/// Both kernels with the values, each with those of its own overrides.
///
/// # Errors
/// A name that neither has; a value that is no number, or does not fit.
pub(super) fn given(
    lua: &Lua,
    constants: Option<&Table>,
    forward: Kernel,
    backward: Option<Kernel>,
) -> Result<(Kernel, Option<Kernel>)> {
    let Some(constants) = constants else { return Ok((forward, backward)) };
    let op = forward.name().to_owned();
    let overrides = || {
        let kernels = [Some(&forward), backward.as_ref()].into_iter().flatten();
        kernels.flat_map(|kernel| &kernel.interface().overrides).map(String::as_str)
    };
    let mut values = Vec::new();
    for (key, value) in order::entries(constants).map_err(Error::callback)? {
        let mlua::Value::String(name) = &key else { return Err(mismatch(&op, "every constant", "named", &key)) };
        let name = name.to_string_lossy();
        if overrides().all(|known| known != name) {
            return Err(Error::unknown(op, "constant", name, overrides()));
        }
        let value = f64::from_value(value, lua, &op, &name)?;
        values.push((name, value));
    }
    let with = |kernel: &Kernel| {
        let has = |name: &str| kernel.interface().overrides.iter().any(|known| known == name);
        let own = values.iter().filter(|(name, _)| has(name)).map(|(name, value)| (name.as_str(), *value));
        let own: Vec<_> = own.collect();
        if own.is_empty() { Ok(kernel.clone()) } else { kernel.with_constants(&own) }
    };
    Ok((with(&forward)?, backward.as_ref().map(with).transpose()?))
}
