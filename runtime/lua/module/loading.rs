//! Writing a module's state to a file and taking one, from a file or from a table.

use std::{collections::BTreeMap, path::Path};

use mlua::{Lua, Value};

use crate::{
    Error, Result, Tensor,
    lua::{
        api::{Argument, Class, Docs, mismatch},
        context::Context,
        tensor::Tensors,
    },
    nn::{Module, weights},
};

/// What a state is taken from.
enum Source {
    File(String),
    Tensors(BTreeMap<String, Tensor>),
}

impl Argument for Source {
    fn kind(docs: &mut Docs) -> String {
        format!("string|table<string, {}>", <Tensor as Argument>::kind(docs))
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match value {
            Value::String(_) => String::from_value(value, lua, op, name).map(Self::File),
            Value::Table(_) => Tensors::from_value(value, lua, op, name)?.named(op, name).map(Self::Tensors),
            other => Err(mismatch(op, name, "a file's path or a table of tensors by name", &other)),
        }
    }
}

/// How many values were taken, the names that were missing, and those that nothing is called after.
type Loaded = ((usize, Vec<String>), Vec<String>);

/// Declares the methods.
pub(super) fn loading(class: &mut Class<Module>, docs: &mut Docs) {
    class
        .method(
            docs,
            "save",
            "file",
            "Writes parameters and running statistics to a safetensors file. A check keeps them in memory, where load \
             finds them.",
            |cx: Context, module: Module, file: String| {
                let bytes =
                    weights::read_all(&module.state()).and_then(|host| weights::encode(host, &Default::default()));
                module.located(bytes.and_then(|bytes| cx.write(file, bytes)))
            },
        )
        .example(
            r#"local layer = mb.nn.linear(3, 2):realise("layer")
layer:save("out/layer.safetensors")
print(mb.io.load_safetensors("out/layer.safetensors").weight:equal(layer.weight)) --> true"#,
        );
    class
        .method(
            docs,
            "load",
            "source, prefix",
            "Takes parameters and running statistics, by name, from a safetensors file or from a table such as \
             module:state(); with a prefix only those below it (\"encoder\"). Returns how many belong to the module, \
             the names that the source lacks, which stay as they were, and those that the module lacks. A shape that \
             differs is an error that changes nothing, and so is a source in which nothing fits. In setup it leaves alone \
             what a resumption, a fork or an edit has handed over, so that a training goes on.",
            |cx: Context, module: Module, source: Source, prefix: Option<String>| {
                module.located(load(&cx, &module, source, prefix))
            },
        )
        .example(
            r#"local layer, other = mb.nn.linear(3, 2):realise("layer"), mb.nn.linear(3, 2):realise("other")
layer:save("out/layer.safetensors")
print(other:load("out/layer.safetensors"), other.weight:equal(layer.weight)) --> 2 true
local count, missing, unexpected = other:load { bias = mb.zeros(2), scale = mb.ones(1) }
print(count, missing[1], unexpected[1]) --> 1 weight scale"#,
        );
}

fn load(cx: &Context, module: &Module, source: Source, prefix: Option<String>) -> Result<Loaded> {
    let (file, mut state) = match source {
        Source::File(file) => {
            let (state, _) = weights::read("load", Path::new(&file), cx.open("load", &file)?, &cx.device)?;
            (Some(file), state)
        }
        Source::Tensors(state) => (None, state),
    };
    if let Some(prefix) = prefix {
        let start = format!("{prefix}.");
        state = state
            .into_iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(&start)?.to_owned(), value)))
            .collect();
    }
    // In setup, what a checkpoint or an edit has handed over goes on.
    let report = module.load_strict(&state, cx.draw_stage().is_setup)?;
    if report.kept.is_empty() {
        let reason = format!("none of its tensors belongs to this module, which wants {}", report.missing.join(", "));
        return Err(match file {
            Some(file) => Error::data("load", &file, reason),
            None => Error::State { op: "load", reason },
        });
    }
    Ok(((report.kept.len(), report.missing), report.unexpected))
}
