//! The parts of a module, its parameters and its buffers one after another, as loops of Lua go through them.

use mlua::{Lua, Value};

use super::parts::one_after_another;
use crate::{
    Error, Result, Tensor,
    lua::{
        api::{Class, Docs, Interpreter, Returned, of_kind},
        order::objects,
    },
    nn::Module,
};

of_kind!(
    /// What a loop over modules goes by.
    Modules,
    "fun(): string, moonburn.Module"
);
of_kind!(
    /// What a loop over tensors goes by.
    Named,
    "fun(): string, moonburn.Tensor"
);

/// Declares the iterators.
pub(super) fn walking(class: &mut Class<Module>, docs: &mut Docs) {
    class
        .method(
            docs,
            "named_modules",
            "",
            "Iterates over all modules in it with their paths, itself first under the empty one: for path, part in \
             module:named_modules() do … end. They come in the order in which it was made; parts of mb.nn.module, whose \
             table has no order, by their names.",
            |lua: Interpreter, module: Module| modules(&lua.0, module.named_modules()),
        )
        .example(
            r#"local model = mb.nn.sequential { mb.nn.linear(3, 2), mb.nn.relu() }
for path, part in model:named_modules() do print(("'%s'"):format(path), part) end
--> '' sequential(linear(3, 2), relu())
--> '0' linear(3, 2)
--> '1' relu()"#,
        );
    class
        .method(
            docs,
            "part",
            "path",
            "The module at a path, as named_modules has it: \"layer1.0.conv1\". Of a part whose name is also a method's, such \
             as a ConvNeXt's \"features\", this is the way to it.",
            |module: Module, path: String| {
                let found = module.named_modules().into_iter().find(|(own, _)| *own == path);
                found.map(|(_, part)| part).ok_or_else(|| {
                    let known = module.named_modules().into_iter().map(|(path, _)| path).filter(|path| !path.is_empty());
                    Error::Unknown { op: "part".into(), what: "path", got: path, known: known.collect() }
                })
            },
        )
        .example(
            r#"local model = mb.nn.sequential { mb.nn.sequential { mb.nn.linear(3, 2), mb.nn.relu() }, mb.nn.flatten() }
print(model:part("0.1"), model:part("1")) --> relu() flatten()"#,
        );
    class
        .method(
            docs,
            "children",
            "",
            "Iterates over the modules that it is made of with their names, in the order of named_modules.",
            |lua: Interpreter, module: Module| modules(&lua.0, module.children().to_vec()),
        )
        .example(
            r#"local model = mb.nn.sequential { mb.nn.sequential { mb.nn.relu() }, mb.nn.flatten() }
for name, part in model:children() do print(name, part) end
--> 0 sequential(relu())
--> 1 flatten()"#,
        );
    class
        .method(
            docs,
            "named_parameters",
            "",
            "Iterates over the parameters' values with their paths, in the order of named_modules. The table of \
             module:parameters() has the same by path.",
            |lua: Interpreter, module: Module| {
                module.want_values("named_parameters")?;
                let parameters = module.parameters().into_iter();
                tensors(&lua.0, parameters.map(|(path, parameter)| Ok((path, parameter.leaf()?))))
            },
        )
        .example(
            r#"local model = mb.nn.sequential { mb.nn.linear(3, 2), mb.nn.batch_norm(2) }:realise("model")
for path, parameter in model:named_parameters() do print(path, parameter:numel()) end
--> 0.weight 6
--> 0.bias 2
--> 1.weight 2
--> 1.bias 2"#,
        );
    class
        .method(
            docs,
            "named_buffers",
            "",
            "Iterates over the buffers' values, such as running statistics, with their paths, in the order of \
             named_modules.",
            |lua: Interpreter, module: Module| {
                module.want_values("named_buffers")?;
                let buffers = module.buffers().into_iter();
                tensors(&lua.0, buffers.map(|(path, buffer)| Ok((path, buffer.value()?.to_view()))))
            },
        )
        .example(
            r#"local norm = mb.nn.batch_norm(2):realise("norm")
for path, value in norm:named_buffers() do print(path, value:sum():item()) end
--> running_mean 0.0
--> running_var 2.0"#,
        );
}

fn modules(lua: &Lua, modules: Vec<(String, Module)>) -> Result<Modules> {
    let pair = |(path, module): (String, Module)| Ok((text(lua, &path)?, module.into_value(lua)?));
    let pairs = modules.into_iter().map(pair).collect::<mlua::Result<_>>().map_err(Error::callback)?;
    one_after_another(lua, pairs).map(Modules::from)
}

fn tensors(lua: &Lua, tensors: impl Iterator<Item = Result<(String, Tensor)>>) -> Result<Named> {
    let mut pairs = Vec::new();
    for entry in tensors {
        let (path, tensor) = entry?;
        let tensor = objects::create(lua, tensor).map_err(Error::callback)?;
        pairs.push((text(lua, &path).map_err(Error::callback)?, Value::UserData(tensor)));
    }
    one_after_another(lua, pairs).map(Named::from)
}

fn text(lua: &Lua, path: &str) -> mlua::Result<Value> {
    lua.create_string(path).map(Value::String)
}
