//! The class Optimizer.

use mlua::Lua;

use super::{
    super::{
        api::{Api, Class, Docs, Interpreter, of_kind},
        context::Context,
        session::Loss,
    },
    shared::Shared,
};
use crate::{
    Error,
    optim::Moved,
    session::{Session, opened, opened_mut},
};

of_kind!(
    /// What an optimizer does to a parameter.
    MovedParameter,
    r#"{ path: string, role: "weight"|"bias"|"norm", group: string, lr: number, weight_decay: number? }"#
);

/// Declares the class.
pub(super) fn declare(api: &mut Api) {
    api.class::<Shared>(
        "Optimizer",
        "Moves the parameters of the session's modules. Assign it to a name of the session. Several make each step \
         together, and say by their option parameters what each of them moves.",
        |class, docs| {
            class.example(
                r#"session.encoder, session.head = mb.nn.linear(3, 4), mb.nn.linear(4, 2)
session.optimizer = mb.optim.adamw {
  lr = mb.schedule.linear(0.1, 0),
  clip_norm = 1,
  groups = {
    { name = "plain", roles = { "bias", "norm" }, weight_decay = 0 },
    { name = "head", parameters = { "head" }, lr = 0.5 },
  },
}
for step in session:steps(2) do
  session:update(session.head(session.encoder(mb.ones(4, 3))):mean())
  print(session:at(session.optimizer:schedule()))
end
--> 0.1
--> 0.05"#,
            );
            class
                .method(docs, "schedule", "", "The optimizer's learning rate for every step.", |optimizer: Shared| {
                    Ok(opened(&optimizer)?.schedule().clone())
                })
                .example(
                    r"local optimizer = mb.optim.sgd { lr = mb.schedule.linear(1, 0) }
print(optimizer:schedule():at(6, 10)) --> 0.5",
                );
            class
                .method(
                    docs,
                    "configure",
                    "options",
                    "Takes rule, hyperparameters, groups and schedule from another optimizer and keeps what it has kept of \
                     the steps so far. Functions that it is given after setup last as long as the script: a run that is \
                     taken up, and an edit, must give them anew.",
                    |cx: Context, optimizer: Shared, options: Shared| {
                        let mut scheme = opened(&options)?.scheme().clone();
                        if !cx.session.borrow().is_setting_up() {
                            scheme.note_loop();
                        }
                        opened_mut(&optimizer)?.configure(scheme)
                    },
                )
                .example(
                    r"local optimizer = mb.optim.sgd { lr = 0.1, momentum = 0.9 }
optimizer:configure(mb.optim.sgd { lr = 0.01, momentum = 0.9 })
print(optimizer:schedule():at(1, 10)) --> 0.01",
                );
            stepping(class, docs);
        },
    );
}

fn stepping(class: &mut Class<Shared>, docs: &mut Docs) {
    class
        .method(
            docs,
            "step",
            "",
            "Moves what this optimizer moves by the gradients that t:backward has added up there, and forgets these. Other \
             optimizers, and gradients at other parameters, stay. session:update does it for all of them, in one.",
            |cx: Context, optimizer: Shared| Session::update_shared(&cx.session, None, Some(&optimizer)).map(drop),
        )
        .example(
            r"session.model = mb.nn.linear(1, 1, { bias = false })
session.optimizer = mb.optim.sgd { lr = 0.25 }
local first = session.model.weight:detach()
for _ in session:steps(1) do
  for _ = 1, 2 do (session.model(mb.ones(1, 1)):sum() / 2):backward() end
  session.optimizer:step()
end
print((first - session.model.weight):item()) --> 0.25",
        );
    class
        .method(
            docs,
            "update",
            "loss",
            "Differentiates a scalar loss, or a function's, and moves what this optimizer moves, and nothing else: of two \
             networks that play against each other, each has its own. Logs loss and lr, with the optimizer's name behind \
             them if it is not the session's first. Returns the loss and the norm of the gradients, as \
             session:update.",
            |cx: Context, optimizer: Shared, loss: Loss| loss.update(&cx.session, Some(&optimizer)),
        )
        .example(
            r#"session.critic, session.maker = mb.nn.linear(2, 1), mb.nn.linear(3, 2)
session.of_critic = mb.optim.adam { lr = 0.1, parameters = { "critic" } }
session.of_maker = mb.optim.adam { lr = 0.1, parameters = { "maker" } }
for _ in session:steps(1) do
  local maker, critic = session.maker.weight:detach(), session.critic.weight:detach()
  session.of_maker:update(-session.critic(session.maker(mb.ones(4, 3))):mean())
  print(session.maker.weight:equal(maker), session.critic.weight:equal(critic)) --> false true
end"#,
        );
    class
        .method(
            docs,
            "parameters",
            "",
            "What it moves, and how in the running step: a list of tables with path, role, group (\"\" of none), lr and \
             weight_decay, which is 0 where the rule leaves a parameter out, and nil of mb.optim.of. Frozen parameters are \
             left out.",
            |cx: Context, optimizer: Shared, lua: Interpreter| {
                let moved = Session::moved_by(&cx.session, &optimizer)?;
                moved.into_iter().map(|moved| shown(&lua.0, moved)).collect::<mlua::Result<Vec<_>>>().map_err(Error::callback)
            },
        )
        .example(
            r#"session.model = mb.nn.linear(3, 2)
session.optimizer = mb.optim.adamw { lr = 0.1, weight_decay = 0.01, include_bias_and_norm = false }
for _, moved in ipairs(session.optimizer:parameters()) do print(moved.path, moved.lr, moved.weight_decay) end
--> model.weight 0.1 0.01
--> model.bias 0.1 0.0"#,
        );
    class
        .method(
            docs,
            "zero_grad",
            "",
            "Forgets the gradients that t:backward has added up at what this optimizer moves.",
            |cx: Context, optimizer: Shared| cx.session.borrow().zero_grad_of(&optimizer),
        )
        .example(
            r"session.model = mb.nn.linear(3, 2)
session.optimizer = mb.optim.sgd { lr = 0.1 }
session.model(mb.ones(4, 3)):sum():backward()
session.optimizer:zero_grad()
print(session.model.bias:grad()) --> nil",
        );
}

/// A parameter as a table.
fn shown(lua: &Lua, moved: Moved) -> mlua::Result<MovedParameter> {
    let Moved { path, role, group, lr, weight_decay } = moved;
    let table = lua.create_table()?;
    table.raw_set("path", path)?;
    table.raw_set("role", role.name())?;
    table.raw_set("group", group)?;
    table.raw_set("lr", lr)?;
    table.raw_set("weight_decay", weight_decay)?;
    Ok(table.into())
}
