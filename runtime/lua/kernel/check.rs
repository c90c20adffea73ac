//! Checking the gradient of a function of the script, a kernel's among them.

use mlua::{MultiValue, ObjectLike, Table, Value};

use crate::{
    Error, Result, Tensor,
    lua::{
        api::{Api, Argument, Interpreter, mismatch},
        context::Context,
        order::{self, objects},
    },
    rng::Stream,
    tensor::{GradientCheck, Kind},
};

const OP: &str = "check_gradient";

/// Declares the function.
pub(super) fn declare(api: &mut Api) {
    api.function(
        "check_gradient",
        "f, inputs, options",
        "Compares the gradient of a function with central finite differences, and returns the largest relative error; \
         one over the tolerance is an error with its place. The function (a kernel, say) is called with the inputs: a \
         list as its arguments, a table by name as one table. Its result, of any shape, is weighted at random (keyed \
         by the seed) and summed. Float tensors are varied; all else is passed as it is. Kinks and jumps near the \
         inputs are found as errors. An input that is not to be varied is left to a function around it.",
        |cx: Context, lua: Interpreter, f: Value, inputs: Table, check: GradientCheck| {
            let given = Given::read(inputs)?;
            let floats: Vec<_> = given.floats.iter().map(|(_, tensor)| tensor.clone()).collect();
            let names: Vec<_> = given.floats.iter().map(|(key, _)| key.to_string().unwrap_or_default()).collect();
            let mut call = |tensors: &[Tensor]| given.call(&lua.0, &f, tensors);
            check.of(&mut call, &floats, &names, &Stream::new(cx.seed, OP))
        },
    )
    .example(
        r"local function cube(x) return x ^ 3 end
print(mb.check_gradient(cube, { mb.tensor { 1.0, -2.0 } }) < 0.01) --> true",
    );
}

/// The inputs as the script gave them, and the float tensors among them, in the order of their keys.
struct Given {
    table: Table,
    floats: Vec<(Value, Tensor)>,
    length: usize,
}

impl Given {
    fn read(table: Table) -> Result<Self> {
        let length = table.raw_len();
        if length > 0 && table.pairs::<Value, Value>().count() != length {
            return Err(Error::argument(
                OP,
                "inputs",
                "a list, or a table by name",
                "both in one, or a list with gaps",
            ));
        }
        let mut floats = Vec::new();
        for (key, value) in order::entries(&table).map_err(Error::callback)? {
            if length > 0 && !matches!(key, Value::Integer(_)) {
                return Err(Error::argument(OP, "inputs", "a list, or a table by name", "both in one"));
            }
            if let Value::UserData(data) = &value
                && let Ok(tensor) = objects::borrow::<Tensor>(data)
                && tensor.kind() == Kind::Float
            {
                floats.push((key, tensor.clone()));
            }
        }
        Ok(Self { table, floats, length })
    }

    /// Calls the function with other tensors in the places of the float ones.
    fn call(&self, lua: &mlua::Lua, f: &Value, tensors: &[Tensor]) -> Result<Tensor> {
        let returned = self.call_lua(lua, f, tensors).map_err(Error::callback)?;
        let returned = returned.ok_or_else(|| mismatch(OP, "f", "a function or a kernel", f))?;
        Tensor::from_value(returned, lua, OP, "what the function returns")
    }

    fn call_lua(&self, lua: &mlua::Lua, f: &Value, tensors: &[Tensor]) -> mlua::Result<Option<Value>> {
        let table = lua.create_table()?;
        for pair in self.table.pairs::<Value, Value>() {
            let (key, value) = pair?;
            table.raw_set(key, value)?;
        }
        for ((key, _), tensor) in self.floats.iter().zip(tensors) {
            table.raw_set(key, objects::create(lua, tensor.clone())?)?;
        }
        let arguments: MultiValue = match self.length {
            0 => MultiValue::from_vec(vec![Value::Table(table)]),
            length => (1..=length).map(|position| table.raw_get(position)).collect::<mlua::Result<_>>()?,
        };
        match f {
            Value::Function(f) => f.call(arguments).map(Some),
            Value::UserData(f) => f.call(arguments).map(Some),
            Value::Table(f) => f.call(arguments).map(Some),
            _ => Ok(None),
        }
    }
}
