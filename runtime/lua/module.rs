//! The class Module.

mod composed;
mod loading;
mod parts;
mod passes;
mod walking;

use super::{
    api::{Api, Class, Docs, Interpreter, Rest, Several},
    context::Context,
    object::object,
    tensor::{Tensors, named},
};
use crate::{
    Tensor,
    nn::{Buffer, Module, Parameter},
    options::options,
};

options! {
    /// Options of a module's `ema_update`.
    pub struct EmaOptions {
        /// Whether running statistics move as parameters do.
        pub buffers: bool = false;
    }
}

object!(Module, "Module", "a module");
object!(Parameter, "Parameter", "a parameter");
object!(Buffer, "Buffer", "a buffer");

/// Declares the classes, and modules composed in Lua.
pub fn declare(api: &mut Api) {
    composed::declare(api);
    api.class::<Module>(
        "Module",
        "A layer or a network. Assign it to a name of the session: that gives it its parameters.",
        |class, docs| {
            class.example(
                r#"session.model = mb.nn.sequential { mb.nn.linear(3, 2), mb.nn.relu() }
print(session.model) --> sequential(linear(3, 2), relu())
print(session.model["0"].bias.shape[1], session.model:numel()) --> 2 8"#,
            );
            methods(class, docs);
            class
                .operator(docs, "__call", "The forward pass.", |cx: Context, module: Module, inputs: Rest<Tensor>| {
                    cx.drawing(|| module.call_all(&inputs.0)).map(Several)
                })
                .example(
                    r#"local layer = mb.nn.linear(2, 1, { bias = false }):realise("layer")
print(layer(mb.eye(2)):t():equal(layer.weight)) --> true"#,
                );
            passes::passes(class, docs);
            walking::walking(class, docs);
            parts::parts(class, docs);
            class.operator(docs, "__tostring", "What it is made of.", |module: Module| Ok(module.describe())).example(
                r"print(mb.nn.sequential { mb.nn.linear(3, 2), mb.nn.relu() }) --> sequential(linear(3, 2), relu())",
            );
            class.field("training", "Whether it is in training mode.", |module: &Module| Ok(module.is_training()));
        },
    );
    api.class::<Parameter>("Parameter", "A parameter of a module composed in Lua.", |class, docs| {
        class.example(
            r#"local prototypes = mb.nn.module {
  places = mb.nn.parameter({ 5, 3 }, { std = 1 }),
  forward = function(self, x) return mb.linalg.cdist(x, self.places) end,
}
print(table.concat(prototypes:realise("prototypes")(mb.rand(8, 3)).shape, " x ")) --> 8 x 5"#,
        );
        class
            .operator(docs, "__tostring", "Its shape.", |parameter: Parameter| {
                Ok(format!("parameter {:?}", parameter.shape()))
            })
            .example(r"print(mb.nn.parameter({ 2, 3 })) --> parameter [2, 3]");
    });
    api.class::<Buffer>(
        "Buffer",
        "A tensor of a module composed in Lua that its forward moves, and no optimizer: self.NAME = tensor.",
        |class, docs| {
            class.example(
                r#"local counted = mb.nn.module {
  count = mb.nn.buffer({ 1 }),
  forward = function(self, x)
    if self.training then self.count = self.count + 1 end
    return x
  end,
}:realise("counted")
counted(mb.ones(2))
print(counted.count:item()) --> 1.0"#,
            );
            class
                .operator(docs, "__tostring", "Its shape.", |buffer: Buffer| Ok(format!("buffer {:?}", buffer.shape())))
                .example(r"print(mb.nn.buffer({ 2, 3 })) --> buffer [2, 3]");
        },
    );
}

fn methods(class: &mut Class<Module>, docs: &mut Docs) {
    class
        .method(
            docs,
            "forward",
            "inputs",
            "The forward pass, as calling the module.",
            |cx: Context, module: Module, inputs: Rest<Tensor>| cx.drawing(|| module.call_all(&inputs.0)).map(Several),
        )
        .example(
            r"local layers = mb.nn.sequential { mb.nn.flatten(), mb.nn.relu() }
print(layers:forward(mb.tensor { { { -1.0 }, { 2.0 } } }))
--> tensor [1, 2] float32 on cpu
--> [[0.0000, 2.0000]]",
        );
    class
        .method(docs, "train", "", "Training mode, for all parts. Returns the module.", |module: Module| {
            module.set_training(true);
            Ok(module)
        })
        .example(
            r#"local norm = mb.nn.batch_norm(1):realise("norm"):eval()
print(norm:train()(mb.tensor { { 1.0 }, { 3.0 } })) -- by the statistics of the batch
--> tensor [2, 1] float32 on cpu, requires grad
--> [[-1.0000],
-->  [1.0000]]"#,
        );
    class
        .method(docs, "eval", "", "Evaluation mode, for all parts. Returns the module.", |module: Module| {
            module.set_training(false);
            Ok(module)
        })
        .example(
            r#"local norm = mb.nn.batch_norm(1):realise("norm")
print(norm:eval()(mb.tensor { { 1.0 }, { 3.0 } })) -- by the running statistics
--> tensor [2, 1] float32 on cpu, requires grad
--> [[1.0000],
-->  [3.0000]]"#,
        );
    class
        .method(docs, "freeze", "", "Makes every parameter a constant. Returns the module.", |module: Module| {
            module.freeze();
            Ok(module)
        })
        .example(
            r"session.encoder, session.head = mb.nn.linear(3, 2):freeze(), mb.nn.linear(2, 2)
session.optimizer = mb.optim.sgd { lr = 0.1 }
local first = session.encoder.weight
for _ in session:steps(1) do session:update(session.head(session.encoder(mb.ones(4, 3))):mean()) end
print(session.encoder.weight:equal(first)) --> true",
        );
    class
        .method(docs, "unfreeze", "", "Lets every parameter be trained again. Returns the module.", |module: Module| {
            module.unfreeze();
            Ok(module)
        })
        .example(
            r#"local layer = mb.nn.linear(3, 2):realise("layer"):freeze()
layer:unfreeze()(mb.ones(4, 3)):sum():backward()
print(layer.bias:grad())
--> tensor [2] float32 on cpu
--> [4.0000, 4.0000]"#,
        );
    class
        .method(
            docs,
            "realise",
            "name",
            "Gives a module outside a session its parameters, keyed by the seed and this name. Returns the module.",
            |cx: Context, module: Module, name: String| {
                module.realise(&name, cx.seed, &cx.device)?;
                Ok(module)
            },
        )
        .example(
            r#"local function layer(name) return mb.nn.linear(3, 2):realise(name) end
print(layer("a").weight:equal(layer("a").weight)) --> true
print(layer("a").weight:equal(layer("b").weight)) --> false"#,
        );
    class
        .method(
            docs,
            "copy",
            "",
            "A module of the same description, with the present values of this module. Give the copy a name of its \
             own.",
            |module: Module| module.copy(),
        )
        .example(
            r#"local online = mb.nn.linear(3, 2):realise("online")
local target = online:copy():freeze()
print(target(mb.ones(1, 3)):equal(online(mb.ones(1, 3)))) --> true"#,
        );
    class
        .method(
            docs,
            "ema_update",
            "online, momentum, options",
            "Moves each parameter towards the same parameter of the module that this one is a copy of: p = m · p + (1 \
             − m) · online p, as BYOL's target network and MoCo's key encoder do. Running statistics stay, unless the options \
             say otherwise.",
            |module: Module, online: Module, momentum: f64, options: EmaOptions| {
                module.ema_update(&online, momentum, options.buffers)
            },
        )
        .example(
            r"session.online = mb.nn.linear(1, 1, { bias = false })
session.target = session.online:copy():freeze()
session.optimizer = mb.optim.sgd { lr = 1 }
for _ in session:steps(1) do session:update(session.online(mb.ones(1, 1)):sum()) end
session.target:ema_update(session.online, 0.9)
print(session.target.weight - session.online.weight)
--> tensor [1, 1] float32 on cpu, requires grad
--> [[0.9000]]",
        );
    class
        .method(
            docs,
            "functional_call",
            "parameters, inputs",
            "The forward pass with tensors, by path, in place of the module's own parameters and buffers of these paths; \
             gradients flow to the tensors. What the pass moves of a buffer that was given, a running mean say, is \
             forgotten with it.",
            |cx: Context, module: Module, parameters: Tensors, inputs: Rest<Tensor>| {
                let parameters = parameters.named("functional_call", "parameters")?;
                cx.drawing(|| module.functional_call(&parameters, &inputs.0)).map(Several)
            },
        )
        .example(
            r#"local layer = mb.nn.linear(2, 1, { bias = false }):realise("layer")
local doubled = layer:functional_call({ weight = mb.tensor { { 2.0, 2.0 } } }, mb.ones(1, 2))
print(doubled:item()) --> 4.0"#,
        );
    class
        .method(
            docs,
            "zero_grad",
            "",
            "Forgets the gradients that t:backward has added up at the parameters. Returns the module.",
            |module: Module| {
                module.zero_grad();
                Ok(module)
            },
        )
        .example(
            r#"local layer = mb.nn.linear(3, 2):realise("layer")
layer(mb.ones(4, 3)):sum():backward()
print(layer:zero_grad().bias:grad()) --> nil"#,
        );
    class
        .method(
            docs,
            "numel",
            "",
            "The number of values of its parameters, those that are frozen included.",
            |module: Module| Ok(module.count()),
        )
        .example(r"print(mb.nn.linear(3, 2):numel(), mb.nn.relu():numel()) --> 8 0");
    class
        .method(
            docs,
            "parameters",
            "",
            "The parameters' values by path: a table of tensors.",
            |lua: Interpreter, module: Module| {
                module.want_values("parameters")?;
                named(&lua.0, module.parameters().into_iter().map(|(name, parameter)| Ok((name, parameter.leaf()?))))
            },
        )
        .example(
            r#"local model = mb.nn.sequential { mb.nn.linear(3, 2), mb.nn.relu() }:realise("model")
for path, parameter in pairs(model:parameters()) do print(path, parameter:numel()) end
--> 0.bias 2
--> 0.weight 6"#,
        );
    class
        .method(
            docs,
            "state",
            "",
            "Parameters and running statistics by path: a table of tensors.",
            |lua: Interpreter, module: Module| named(&lua.0, module.state().into_iter().map(Ok)),
        )
        .example(
            r#"local norm = mb.nn.batch_norm(2):realise("norm")
for path, value in pairs(norm:state()) do print(path, value:sum():item()) end
--> bias 0.0
--> running_mean 0.0
--> running_var 2.0
--> weight 2.0"#,
        );
    loading::loading(class, docs);
}
