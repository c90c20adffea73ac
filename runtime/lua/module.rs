//! The class Module, and modules composed in Lua.

use std::{path::Path, rc::Rc};

use mlua::{Function, Lua, MultiValue, ObjectLike, Table, Value};

use super::{
    api::{Api, Argument, Class, Docs, Interpreter, Rest, Several, mismatch, value_name},
    context::Context,
    object::{any_of, object},
    order::{self, objects},
    tensor::{Tensors, named},
};
use crate::{
    Error, Result, Tensor,
    nn::{self, Module, Parameter, weights},
    position::number,
};

object!(Module, "Module", "a module");
object!(Parameter, "Parameter", "a parameter");

/// Declares the classes, and modules composed in Lua.
pub fn declare(api: &mut Api) {
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
    api.class::<Module>(
        "Module",
        "A layer or a network. Assign it to a name of the session: that gives it its parameters.",
        |class, docs| {
            methods(class, docs);
            class.operator(docs, "__call", "The forward pass.", |module: Module, inputs: Rest<Tensor>| {
                module.call_all(&inputs.0).map(Several)
            });
            class.operator(docs, "__newindex", "Always an error.", |_: Module, name: String, _: Value| -> Result<()> {
                let reason = format!(
                    "a module's '{name}' is set by its optimizer, load, or ema_update; functional_call takes other \
                         tensors for one call"
                );
                Err(Error::State { op: "assignment", reason })
            });
            class.operator(docs, "__tostring", "What it is made of.", |module: Module| Ok(module.describe()));
            class
                .field("training", "Whether it is in training mode.", |module: &Module| Ok(module.is_training()))
                .other_names("Its children, and its own parameters as tensors, by name.", |module, name, _| {
                    part(module, name)
                });
        },
    );
    api.class::<Parameter>("Parameter", "A parameter of a module composed in Lua.", |class, docs| {
        class.operator(docs, "__tostring", "Its shape.", |parameter: Parameter| {
            Ok(format!("parameter {:?}", parameter.shape()))
        });
    });
}

fn methods(class: &mut Class<Module>, docs: &mut Docs) {
    class.method(
        docs,
        "forward",
        "inputs",
        "The forward pass, as calling the module.",
        |module: Module, inputs: Rest<Tensor>| module.call_all(&inputs.0).map(Several),
    );
    class.method(docs, "train", "", "Training mode, for all parts. Returns the module.", |module: Module| {
        module.set_training(true);
        Ok(module)
    });
    class.method(docs, "eval", "", "Evaluation mode, for all parts. Returns the module.", |module: Module| {
        module.set_training(false);
        Ok(module)
    });
    class.method(docs, "freeze", "", "Makes every parameter a constant. Returns the module.", |module: Module| {
        module.freeze();
        Ok(module)
    });
    class.method(
        docs,
        "unfreeze",
        "",
        "Lets every parameter be trained again. Returns the module.",
        |module: Module| {
            module.unfreeze();
            Ok(module)
        },
    );
    class.method(
        docs,
        "realise",
        "name",
        "Gives a module outside a session its parameters, keyed by the seed and this name. Returns the module.",
        |cx: Context, module: Module, name: String| {
            module.realise(&name, cx.seed, &cx.device)?;
            Ok(module)
        },
    );
    class.method(
        docs,
        "copy",
        "",
        "A module of the same description, with the present values of this module. Give the copy a name of its own.",
        |module: Module| module.copy(),
    );
    class.method(
        docs,
        "ema_update",
        "online, momentum",
        "Moves each parameter towards the same parameter of the module that this one is a copy of: p = m · p + (1 − m) \
             · online p, as BYOL's target network and MoCo's key encoder do. Running statistics stay.",
        |module: Module, online: Module, momentum: f64| module.ema_update(&online, momentum),
    );
    class
        .method(
            docs,
            "functional_call",
            "parameters, inputs",
            "The forward pass with tensors, by path, in place of the module's own parameters of these paths; gradients \
             flow to the tensors.",
            |module: Module, parameters: Tensors, inputs: Rest<Tensor>| {
                module.functional_call(&parameters.named("functional_call", "parameters")?, &inputs.0).map(Several)
            },
        )
        .example(
            r#"local layer = mb.nn.linear(2, 1, { bias = false }):realise("layer")
local doubled = layer:functional_call({ weight = mb.tensor { { 2.0, 2.0 } } }, mb.ones(1, 2))
print(doubled:item()) --> 4.0"#,
        );
    class.method(
        docs,
        "zero_grad",
        "",
        "Forgets the gradients that t:backward has added up at the parameters. Returns the module.",
        |module: Module| {
            module.zero_grad();
            Ok(module)
        },
    );
    class.method(docs, "numel", "", "The number of values that training moves.", |module: Module| Ok(module.count()));
    class.method(
        docs,
        "parameters",
        "",
        "The parameters' values by path: a table of tensors.",
        |lua: Interpreter, module: Module| {
            named(&lua.0, module.parameters().into_iter().map(|(name, parameter)| Ok((name, parameter.leaf()?))))
        },
    );
    class.method(
        docs,
        "state",
        "",
        "Parameters and running statistics by path: a table of tensors.",
        |lua: Interpreter, module: Module| named(&lua.0, module.state().into_iter().map(Ok)),
    );
    class.method(
        docs,
        "save",
        "file",
        "Writes parameters and running statistics to a safetensors file. A check keeps them in memory, where load \
             finds them.",
        |cx: Context, module: Module, file: String| {
            let bytes = weights::read_all(&module.state()).and_then(|host| weights::encode(host, &Default::default()));
            module.located(bytes.and_then(|bytes| cx.write(file, bytes)))
        },
    );
    class.method(
        docs,
        "load",
        "file, prefix",
        "Takes parameters and running statistics from a safetensors file, by name; with a prefix only those below it \
         (\"encoder\"). Returns how many were taken; a shape that differs is an error that changes nothing, and so is \
         a file in which nothing fits.",
        |cx: Context, module: Module, file: String, prefix: Option<String>| {
            module.located(load(&cx, &module, &file, prefix))
        },
    );
}

fn load(cx: &Context, module: &Module, file: &str, prefix: Option<String>) -> Result<usize> {
    let (mut state, _) = weights::read("load", Path::new(file), cx.open("load", file)?, &cx.device)?;
    if let Some(prefix) = prefix {
        let start = format!("{prefix}.");
        state = state
            .into_iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(&start)?.to_owned(), value)))
            .collect();
    }
    let report = module.load_strict(&state)?;
    if report.kept.is_empty() {
        let reason = format!("none of its tensors belongs to this module, which wants {}", report.missing.join(", "));
        return Err(Error::data("load", file, reason));
    }
    Ok(report.kept.len())
}

/// What a module is made of.
enum Part {
    Child(Module),
    Value(Tensor),
}

any_of!(Part, Child, Value);

fn part(module: &Module, name: &str) -> Result<Option<Part>> {
    if let Some((_, child)) = module.children().iter().find(|(child, _)| child == name) {
        return Ok(Some(Part::Child(child.clone())));
    }
    match module.parameters().iter().any(|(own, _)| own == name) {
        true => module.own(name).map(|value| Some(Part::Value(value))),
        false => Ok(None),
    }
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
