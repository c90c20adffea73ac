//! What a script calls a kernel with, as the core takes it.

use std::time::Duration;

use mlua::{Table, Value};

use super::options::{KernelOptions, Shapes};
use crate::{
    Error, Result, Tensor,
    gpu::Number,
    kernel::{Arguments, Output, Program, Size},
    lua::{
        api::{Argument, mismatch, unknown_key},
        order,
    },
    tensor::DType,
};

/// The core's arguments of a call.
pub(super) fn read(lua: &mlua::Lua, program: &Program, options: &KernelOptions, inputs: &Table) -> Result<Arguments> {
    let op = program.forward().name();
    let (mut tensors, mut scalars) = (Vec::new(), Vec::new());
    for (key, value) in order::entries(inputs).map_err(Error::callback)? {
        let Value::String(name) = &key else { return Err(mismatch(op, "every input", "named", &key)) };
        let name = name.to_string_lossy();
        match value {
            Value::UserData(_) => tensors.push((name.clone(), Tensor::from_value(value, lua, op, &name)?)),
            Value::Integer(number) => scalars.push((name, number as f64)),
            Value::Number(number) => scalars.push((name, number)),
            other => return Err(mismatch(op, &name, "a tensor or a number", &other)),
        }
    }
    // Before the script's functions are asked about them.
    program.check_inputs(&tensors, &scalars)?;
    let backward = options.backward.as_ref();
    let backward_size = backward.map_or(Ok(Size::Derived), |backward| backward.launch.size(lua, op, inputs))?;
    Ok(Arguments {
        outputs: outputs(lua, program, options, inputs, &tensors)?,
        inputs: tensors,
        scalars,
        channels_last: options.channels_last.clone().unwrap_or_default(),
        size: options.launch.size(lua, op, inputs)?,
        backward_size,
        limit: Duration::from_secs_f64(options.limit),
    })
}

fn outputs(
    lua: &mlua::Lua,
    program: &Program,
    options: &KernelOptions,
    inputs: &Table,
    tensors: &[(String, Tensor)],
) -> Result<Vec<Output>> {
    let op = program.forward().name();
    let names: Vec<_> = program.outputs().map(|binding| binding.name.as_str()).collect();
    let shapes = match &options.shapes {
        None => None,
        Some(Shapes::Given(table)) => Some(table.clone()),
        Some(Shapes::Computed(function)) => {
            let returned = function.call::<Value>(inputs).map_err(Error::callback)?;
            Some(Table::from_value(returned, lua, op, "what shapes returns")?)
        }
    };
    if let Some(shapes) = &shapes {
        unknown_output(shapes, op, &names)?;
    }
    let outputs = program.outputs().map(|binding| {
        let name = &binding.name;
        let given = shapes.as_ref().map_or(Ok(Value::Nil), |shapes| shapes.raw_get::<Value>(name.as_str()));
        let shape = match given.map_err(Error::callback)? {
            Value::Nil => first_shape(program, tensors, name)?,
            Value::String(like) => {
                let like = like.to_string_lossy();
                let found = tensors.iter().find(|(known, _)| *known == like);
                let known = || tensors.iter().map(|(known, _)| known.as_str());
                found.ok_or_else(|| Error::unknown(op, "input", like.as_str(), known()))?.1.shape().to_vec()
            }
            list @ Value::Table(_) => Vec::<usize>::from_value(list, lua, op, &format!("the shape of '{name}'"))?,
            other => return Err(mismatch(op, &format!("the shape of '{name}'"), "a list or an input's name", &other)),
        };
        let dtype = match binding.element.number {
            Number::Half => DType::Float16,
            Number::Float => DType::Float32,
            Number::Int | Number::Unsigned => DType::Int32,
        };
        let chosen = options.dtypes.as_ref().map_or(Ok(Value::Nil), |dtypes| dtypes.raw_get::<Value>(name.as_str()));
        let chosen: Option<DType> = Option::from_value(chosen.map_err(Error::callback)?, lua, op, "dtypes")?;
        let is_known = |dtype: &DType| *dtype == DType::Float16 || DType::from(dtype.kind()) == *dtype;
        if let Some(other) = chosen.filter(|dtype| !is_known(dtype)) {
            return Err(Error::argument(op, "dtypes", "float32, float16, int32 or bool", other));
        }
        Ok(Output { name: name.clone(), shape, dtype: chosen.unwrap_or(dtype) })
    });
    outputs.collect()
}

/// The shape of the first input, for an output that is given none.
fn first_shape(program: &Program, tensors: &[(String, Tensor)], output: &str) -> Result<Vec<usize>> {
    let op = program.forward().name();
    let Some(first) = program.inputs().next() else {
        return Err(Error::argument(op, "shapes", format!("given for '{output}', as there is no input"), "nothing"));
    };
    let found = tensors.iter().find(|(name, _)| *name == first.name);
    Ok(found.expect("the inputs have been checked").1.shape().to_vec())
}

/// An error for a key that is no output.
pub(super) fn unknown_output(table: &Table, op: &str, names: &[&str]) -> Result<()> {
    unknown_key(table, op, names).map_err(|error| match error {
        Error::Unknown { op, got, known, .. } => Error::Unknown { op, what: "output", got, known },
        other => other,
    })
}
