//! Forward passes that are looked into: summaries, features of parts, hooks. And the beginning of parameters.

use mlua::{Function, Lua, MultiValue, Value};

use crate::{
    Error, Result, Tensor,
    lua::{
        api::{Argument, Class, Count, Docs, Interpreter, Returned, Several, mismatch, of_kind},
        context::Context,
        gradient::Hook,
        one_or_more::OneOrMore,
        order::objects,
    },
    nn::{Init, Module, Parameter, Role},
    optim::Selection,
    options::options,
};

options! {
    /// Options of a module's `summary`.
    pub struct SummaryOptions {
        /// How many levels of parts have a row; what is below counts with the last one. All of them by default.
        pub depth: Option<Count> = None;
    }
    /// Options of a module's `init`.
    pub struct InitOptions {
        /// Paths of parts and parameters from the module on, of which one must be a parameter's or lead to it.
        pub parameters: Option<Vec<String>> = None;
        /// Roles of which one must be a parameter's: "weight", "bias" or "norm".
        pub roles: Option<Vec<Role>> = None;
    }
}

of_kind!(
    /// Features of parts by their paths.
    ByPath,
    "table<string, moonburn.Tensor>"
);

/// Declares the methods.
pub(super) fn passes(class: &mut Class<Module>, docs: &mut Docs) {
    class
        .method(
            docs,
            "summary",
            "inputs, options",
            "A table of its parts as text, at most 80 columns wide: path, kind, shape of the output and the parameters of \
             the part itself, then the sums. The input is a list of sizes, the batch among them, for which it takes ones; \
             or a tensor; or a list of these for a module with several inputs. The forward pass is in evaluation mode and \
             without gradients, calls no hooks, and leaves modes, buffers and draws as they were. A module that has no \
             parameters yet is looked at in the form of a copy.",
            |lua: Interpreter, cx: Context, module: Module, inputs: Value, options: SummaryOptions| {
                summary(&lua.0, &cx, &module, inputs, options)
            },
        )
        .example(
            r"local model = mb.nn.sequential { mb.nn.conv2d(3, 8), mb.nn.batch_norm(8), mb.nn.relu(), mb.nn.global_avg_pool() }
print(model:summary { 2, 3, 8, 8 })
--> part   kind             output        parameters
--> ────────────────────────────────────────────────
--> (all)  sequential       [2, 8]                 -
--> 0      conv2d           [2, 8, 6, 6]         224
--> 1      batch_norm       [2, 8, 6, 6]          16
--> 2      relu             [2, 8, 6, 6]           -
--> 3      global_avg_pool  [2, 8]                 -
--> ────────────────────────────────────────────────
--> parameters  240 (960 B)
--> trainable   240, frozen 0
--> buffers     16 (64 B)",
        );
    class
        .method(
            docs,
            "features",
            "inputs, paths",
            "A forward pass, and what the parts at these paths give in it, with gradients: a table by path, and then what \
             the module gives. Of a part that is called several times it is the last, of a part that gives several tensors \
             the first. Several inputs are a list.",
            features,
        )
        .example(
            r#"local encoder = mb.model.resnet18({ stem = "cifar", width = 4 }):realise("encoder")
local found, output = encoder:features(mb.rand(2, 3, 16, 16), { "layer3", "layer4.1" })
print(table.concat(found.layer3.shape, " x "), table.concat(found["layer4.1"].shape, " x "), output.shape[2])
--> 2 x 16 x 4 x 4 2 x 32 x 2 x 2 32"#,
        );
    class
        .method(
            docs,
            "hook",
            "body, path",
            "Calls a function after each forward pass of the module, or of its part at a path: function(part, inputs, \
             output), the inputs a list. What it returns, if anything, takes the output's place. A module that gives \
             several tensors has a list of them as output. Returns the hook, which hook:remove() takes away. Hooks are no \
             part of checkpoints and copies: setup adds them.",
            hook,
        )
        .example(
            r#"local model = mb.nn.sequential { mb.nn.linear(3, 2), mb.nn.relu() }:realise("model")
local before
local hook = model:hook(function(part, inputs, output) before = output end, "0")
print(model(mb.rand(4, 3)):equal(before:relu())) --> true
hook:remove()"#,
        );
    class
        .method(
            docs,
            "init",
            "init, options",
            "Lets parameters begin with what mb.nn.init gives: all, or those of some paths or roles. Before the module has \
             its name they are drawn so later; after that at once, but for those that a checkpoint or an edit has handed \
             over while setup runs. Values are a function of the seed and of the parameter's path alone. Returns the module.",
            |cx: Context, module: Module, init: Init, options: InitOptions| begin(&cx, module, init, options),
        )
        .example(
            r#"local model = mb.nn.sequential { mb.nn.linear(3, 3), mb.nn.relu(), mb.nn.linear(3, 1) }
model:init(mb.nn.init.orthogonal { gain = 2 }, { roles = { "weight" } })
model:init(mb.nn.init.zeros(), { parameters = { "2" } })
model:realise("model")
print((model[1].weight:matmul(model[1].weight:t())):allclose(4 * mb.eye(3), { atol = 1e-5 })) --> true
print(model[3].weight:abs():sum():item()) --> 0.0"#,
        );
}

fn summary(lua: &Lua, cx: &Context, module: &Module, inputs: Value, options: SummaryOptions) -> Result<String> {
    const OP: &str = "summary";
    let ones = |sizes: Value, name: &str| -> Result<Tensor> {
        let sizes = Vec::<Count>::from_value(sizes, lua, OP, name)?;
        Tensor::ones(&Count::all(sizes), &cx.device)
    };
    let one = |value: Value, name: &str| match &value {
        Value::UserData(data) if objects::is::<Tensor>(data) => Tensor::from_value(value, lua, OP, name),
        Value::Table(_) => ones(value, name),
        other => Err(mismatch(OP, name, "a list of sizes or a tensor", other)),
    };
    let is_list_of_inputs =
        |table: &mlua::Table| matches!(table.raw_get::<Value>(1), Ok(Value::Table(_) | Value::UserData(_)));
    let inputs = match &inputs {
        Value::Table(table) if is_list_of_inputs(table) => {
            let values = Vec::<Value>::from_value(inputs, lua, OP, "inputs")?;
            let named = values.into_iter().enumerate();
            named
                .map(|(at, value)| one(value, &format!("inputs[{}]", crate::position::number(at))))
                .collect::<Result<_>>()?
        }
        _ => vec![one(inputs, "inputs")?],
    };
    let draws = cx.session.borrow().drawn();
    let depth = options.depth.map(|Count(depth)| depth);
    let found = cx.drawing(|| module.summary(&inputs, depth, &cx.device));
    cx.session.borrow_mut().draw_again(draws);
    found.map(|summary| summary.to_string())
}

fn features(
    lua: Interpreter,
    cx: Context,
    module: Module,
    inputs: OneOrMore<Tensor>,
    paths: Vec<String>,
) -> Result<(ByPath, Several<Tensor>)> {
    let found = cx.drawing(|| module.features(&inputs.all(), &paths))?;
    let table = lua.0.create_table().map_err(Error::callback)?;
    for (path, outputs) in found.parts {
        let first = outputs.into_iter().next().map(|output| objects::create(&lua.0, output)).transpose();
        table.raw_set(path, first.map_err(Error::callback)?).map_err(Error::callback)?;
    }
    Ok((table.into(), Several(found.outputs)))
}

fn hook(lua: Interpreter, module: Module, body: Function, path: Option<String>) -> Result<Hook> {
    let part = match &path {
        Some(path) => module.part_at("hook", path)?,
        None => module,
    };
    // The VM reaches the module, whose hook this is: a strong handle would keep both alive for ever.
    let weak = lua.0.weak();
    let call = move |module: &Module, inputs: &[Tensor], outputs: &[Tensor]| {
        let Some(lua) = weak.try_upgrade() else { return Ok(None) };
        let list = |tensors: &[Tensor]| {
            let objects = tensors.iter().map(|tensor| objects::create(&lua, tensor.clone()));
            lua.create_sequence_from(objects.collect::<mlua::Result<Vec<_>>>()?).map(Value::Table)
        };
        let arguments = || -> mlua::Result<MultiValue> {
            let output = match outputs {
                [output] => Value::UserData(objects::create(&lua, output.clone())?),
                several => list(several)?,
            };
            Ok(MultiValue::from_vec(vec![module.clone().into_value(&lua)?, list(inputs)?, output]))
        };
        let returned = arguments().and_then(|given| body.call::<Value>(given)).map_err(Error::callback)?;
        match returned {
            Value::Nil => Ok(None),
            other => {
                let all = OneOrMore::<Tensor>::from_value(other, &lua, "hook", "the returned value")?;
                Ok(Some(all.all()))
            }
        }
    };
    Ok(Hook::Module(part.hook(std::rc::Rc::new(call))))
}

fn begin(cx: &Context, module: Module, init: Init, options: InitOptions) -> Result<Module> {
    let InitOptions { parameters, roles } = options;
    let chosen = Selection { paths: parameters.unwrap_or_default(), roles: roles.unwrap_or_default() };
    chosen.check_paths("init", &module.parameters())?;
    // What a state has handed over goes on; all of it is there once setup is over.
    let goes_on = |parameter: &Parameter| cx.draw_stage().is_setup && parameter.is_inherited();
    let takes = |path: &str, own: &Parameter| chosen.contains(path, own.role());
    module.initialise(init, cx.seed, &cx.device, takes, goes_on)?;
    Ok(module)
}
