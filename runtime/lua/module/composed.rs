//! Modules composed in Lua.

use std::rc::Rc;

use mlua::{Function, Lua, MultiValue, ObjectLike, Table, Value};

use crate::{
    Error, Result, Tensor,
    lua::{
        api::{Api, Argument, Interpreter, mismatch, value_name},
        order::{self, objects},
    },
    nn::{self, Module, Parameter},
    position::number,
};

/// Declares the function.
pub(super) fn declare(api: &mut Api) {
    api.function(
        "nn.module",
        "parts",
        "A module of your own: named modules and parameters, and forward = function(self, x, …), in which self.NAME is \
         a module or a parameter's tensor. The caller gets every tensor that forward returns; within a sequential it \
         must return one. Parameters are found by path.",
        compose,
    )
    .example(
        r#"local scaled = mb.nn.module {
  inner = mb.nn.linear(3, 2),
  scale = mb.nn.parameter({ 1 }, { value = 2 }),
  forward = function(self, x) return self.inner(x) * self.scale end,
}
scaled:realise("scaled")
print(table.concat(scaled(mb.ones(4, 3)).shape, " x ")) --> 4 x 2"#,
    );
}

fn compose(lua: Interpreter, parts: Table) -> Result<Module> {
    let (mut children, mut parameters, mut forward) = (Vec::new(), Vec::new(), None);
    for (key, value) in order::entries(&parts).map_err(Error::callback)? {
        let Value::String(key) = &key else { return Err(mismatch("module", "every part", "named", &key)) };
        let name = key.to_string_lossy();
        if name.is_empty() || name.contains('.') {
            return Err(Error::argument("module", "a name", "without dots and not empty", format!("'{name}'")));
        }
        match &value {
            Value::Function(function) if name == "forward" => forward = Some(function.clone()),
            Value::UserData(data) if objects::is::<Module>(data) => {
                children.push((name, Module::from_value(value, &lua.0, "module", "part")?))
            }
            Value::UserData(data) if objects::is::<Parameter>(data) => {
                parameters.push((name, Parameter::from_value(value, &lua.0, "module", "part")?));
            }
            other => {
                return Err(Error::argument(
                    "module",
                    name,
                    "a module, a parameter or the function forward",
                    value_name(other),
                ));
            }
        }
    }
    let Some(forward) = forward else {
        return Err(Error::argument("module", "forward", "a function(self, x)", "nothing"));
    };
    let names: Vec<String> =
        children.iter().map(|(name, _)| name).chain(parameters.iter().map(|(name, _)| name)).cloned().collect();
    // The VM reaches the module through the session: a strong handle would keep both alive for ever.
    let weak = lua.0.weak();
    let module = nn::custom(
        "module",
        children,
        parameters,
        Rc::new(move |module, inputs| match weak.try_upgrade() {
            Some(lua) => call_forward(&lua, &forward, module, inputs),
            None => Err(Error::State { op: "forward", reason: "the script that composed the module is gone".into() }),
        }),
    );
    let object = objects::create(&lua.0, module.clone()).map_err(Error::callback)?;
    match names.into_iter().find(|name| matches!(object.get(name.as_str()), Ok(Value::Function(_)))) {
        Some(name) => Err(Error::argument("module", "a name", "other than a method's", format!("'{name}'"))),
        None => module.checked(),
    }
}

fn call_forward(lua: &Lua, forward: &Function, module: &Module, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
    let object = |tensor: &Tensor| objects::create(lua, tensor.clone()).map(Value::UserData);
    let mut arguments = vec![Value::UserData(objects::create(lua, module.clone()).map_err(Error::callback)?)];
    for input in inputs {
        arguments.push(object(input).map_err(Error::callback)?);
    }
    let returned = forward.call::<MultiValue>(MultiValue::from_vec(arguments)).map_err(Error::callback)?;
    let mut returned = returned.into_vec();
    // What a caller would get for nothing at all.
    while returned.len() > 1 && returned.last().is_some_and(Value::is_nil) {
        returned.pop();
    }
    if returned.is_empty() {
        returned.push(Value::Nil);
    }
    let name = |position| match position {
        0 => "the returned value".to_owned(),
        position => format!("returned value {}", number(position)),
    };
    let tensor = |(position, value)| Tensor::from_value(value, lua, "forward", &name(position));
    returned.into_iter().enumerate().map(tensor).collect()
}
