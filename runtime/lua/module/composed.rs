//! Modules composed in Lua.

use std::{collections::BTreeMap, rc::Rc};

use mlua::{Function, Lua, MultiValue, ObjectLike, Table, Value};

use crate::{
    Error, Result, Tensor,
    lua::{
        api::{Api, Argument, Interpreter, Returned, mismatch, value_name},
        order::{self, objects},
        raised::raise,
    },
    nn::{self, Buffer, Module, Parameter},
    position::number,
};

/// Functions of a composed module besides forward.
#[derive(Default)]
pub(super) struct Methods(BTreeMap<String, Function>);

impl Methods {
    /// Those of a module; none of one that Lua did not compose.
    pub(super) fn of(module: &Module) -> Option<&Self> {
        module.attached()?.downcast_ref()
    }

    /// The function of a name, which is called with the module.
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        self.0.get(name).cloned().map(Value::Function)
    }
}

/// What a table of parts holds.
#[derive(Default)]
struct Found {
    parts: nn::Parts,
    functions: BTreeMap<String, Function>,
}

/// Declares the function.
pub(super) fn declare(api: &mut Api) {
    api.function(
        "nn.module",
        "parts",
        "A module of your own: named modules, parameters and buffers, and forward = function(self, x, …), in which \
         self.NAME is a module or a tensor. The caller gets every tensor that forward returns; within a sequential it \
         must return one. A list of modules is a part whose parts have numbers, self.blocks[1], and a table of named ones \
         has them by name; ipairs and pairs go through both. Every other function is a method, model:NAME(…). \
         Parameters are found by path.",
        compose,
    )
    .example(
        r#"local autoencoder = mb.nn.module {
  layers = { mb.nn.linear(4, 3), mb.nn.linear(3, 2) },
  decoder = mb.nn.linear(2, 4),
  scale = mb.nn.parameter({ 1 }, { value = 2 }),
  encode = function(self, x)
    for _, layer in ipairs(self.layers) do x = layer(x):tanh() end
    return self.scale * x
  end,
  forward = function(self, x) return self.decoder(self:encode(x)) end,
}
autoencoder:realise("autoencoder")
print(autoencoder:encode(mb.ones(5, 4)).shape[2], autoencoder(mb.ones(5, 4)).shape[2]) --> 2 4
print(autoencoder.layers[1], autoencoder:parameters()["layers.1.bias"].shape[1]) --> linear(4, 3) 2"#,
    );
}

fn compose(lua: Interpreter, parts: Table) -> Result<Module> {
    let mut found = Found::default();
    for (key, value) in order::entries(&parts).map_err(Error::callback)? {
        let Value::String(key) = &key else { return Err(mismatch("module", "every part", "named", &key)) };
        let name = checked_name(key.to_string_lossy())?;
        found.take(&lua.0, name, value)?;
    }
    let Some(forward) = found.functions.remove("forward") else {
        return Err(Error::argument("module", "forward", "a function(self, x)", "nothing"));
    };
    let names = found.names();
    let methods = found.functions.into_iter().map(|(name, function)| {
        let method = method(&lua.0, &name, function)?;
        Ok((name, method))
    });
    let methods = Methods(methods.collect::<mlua::Result<_>>().map_err(Error::callback)?);
    // The VM reaches the module through the session: a strong handle would keep both alive for ever.
    let weak = lua.0.weak();
    let forward = Rc::new(move |module: &Module, inputs: &[Tensor]| match weak.try_upgrade() {
        Some(lua) => call_forward(&lua, &forward, module, inputs),
        None => Err(Error::State { op: "forward", reason: "the script that composed the module is gone".into() }),
    });
    names.iter().try_for_each(|name| refuse_method(&lua.0, name, name))?;
    nn::custom("module", found.parts, forward, Rc::new(methods)).checked()
}

/// An error for a name that stands for something of the class, which is found before any part.
fn refuse_method(lua: &Lua, name: &str, place: &str) -> Result<()> {
    // Asked of a module that has no parts.
    let bare = objects::create(lua, nn::identity()).map_err(Error::callback)?;
    match bare.get(name) {
        Ok(Value::Function(_) | Value::Boolean(_)) => {
            Err(Error::argument("module", "a name", "other than a method's", format!("'{place}'")))
        }
        _ => Ok(()),
    }
}

fn checked_name(name: String) -> Result<String> {
    if name.is_empty() || name.contains('.') {
        return Err(Error::argument("module", "a name", "without dots and not empty", format!("'{name}'")));
    }
    Ok(name)
}

impl Found {
    fn take(&mut self, lua: &Lua, name: String, value: Value) -> Result<()> {
        match &value {
            Value::Function(function) => drop(self.functions.insert(name, function.clone())),
            Value::UserData(data) if objects::is::<Parameter>(data) => {
                self.parts.parameters.push((name, Parameter::from_value(value, lua, "module", "part")?));
            }
            Value::UserData(data) if objects::is::<Buffer>(data) => {
                self.parts.buffers.push((name, Buffer::from_value(value, lua, "module", "part")?));
            }
            Value::UserData(data) if objects::is::<Tensor>(data) => {
                let want = "a parameter or a buffer: mb.nn.parameter(tensor) is trained, mb.nn.buffer(tensor) is not";
                return Err(Error::argument("module", name, want, "a Tensor"));
            }
            Value::UserData(_) | Value::Table(_) => {
                let part = module_of(lua, &name, value)?;
                self.parts.children.push((name, part));
            }
            other => {
                let want = "a module, a parameter, a buffer, a table of modules or a function";
                return Err(Error::argument("module", name, want, value_name(other)));
            }
        }
        Ok(())
    }

    fn names(&self) -> Vec<String> {
        let parts = &self.parts;
        let children = parts.children.iter().map(|(name, _)| name);
        let tensors = parts.parameters.iter().map(|(name, _)| name).chain(parts.buffers.iter().map(|(name, _)| name));
        children.chain(tensors).chain(self.functions.keys()).cloned().collect()
    }
}

/// A module, or one of those in a list or in a table by name.
fn module_of(lua: &Lua, place: &str, value: Value) -> Result<Module> {
    let Value::Table(table) = &value else { return Module::from_value(value, lua, "module", place) };
    let entries = order::entries(table).map_err(Error::callback)?;
    let is_list = table.raw_len() > 0;
    let (mut listed, mut named) = (Vec::new(), Vec::new());
    for (key, inner) in entries {
        match &key {
            Value::Integer(position) if is_list && *position == number(listed.len()) => {
                listed.push(module_of(lua, &format!("{place}[{position}]"), inner)?);
            }
            Value::String(name) if !is_list => {
                let name = checked_name(name.to_string_lossy())?;
                let place = format!("{place}.{name}");
                refuse_method(lua, &name, &place)?;
                let part = module_of(lua, &place, inner)?;
                named.push((name, part));
            }
            other => {
                let want = "a list of modules without gaps, or a table of named ones";
                return Err(Error::argument("module", place, want, format!("the key {}", value_name(other))));
            }
        }
    }
    // Without entries it may become either; what has no parts has the same names of parameters, which are none.
    Ok(if is_list || named.is_empty() { nn::list(listed) } else { nn::dict(named) })
}

/// A function of a module as a method, which runs as forward does.
fn method(lua: &Lua, name: &str, function: Function) -> mlua::Result<Function> {
    let name = name.to_owned();
    lua.create_function(move |lua, given: MultiValue| {
        let module = match given.front() {
            Some(Value::UserData(object)) if objects::is::<Module>(object) => {
                objects::borrow::<Module>(object)?.clone()
            }
            first => {
                let want = format!("a module (write module:{name}(…), with a colon)");
                return Err(raise(lua, mismatch(&name, "self", &want, first.unwrap_or(&Value::Nil))));
            }
        };
        let returned = module.run(|| function.call::<MultiValue>(given).map_err(Error::callback));
        returned.map_err(|error| raise(lua, error))
    })
}

fn call_forward(lua: &Lua, forward: &Function, module: &Module, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
    let object = |tensor: &Tensor| objects::create(lua, tensor.clone()).map(Value::UserData);
    let mut arguments = vec![module.clone().into_value(lua).map_err(Error::callback)?];
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
