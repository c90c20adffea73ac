//! The class Session: what a script sees of the session.

mod components;
mod forking;
mod loss;
mod tensors;

use std::{cell::RefCell, rc::Rc};

use mlua::{AnyUserData, Lua, MultiValue, Table, Value};

use super::{
    api::{Api, Argument, Class, Docs, Interpreter, mismatch, of_kind},
    boundary,
    context::Context,
    leaving::{Flow, Leave},
    order::{self, objects},
    raised::{raise, raise_leave},
    schedule::Moving,
};
use crate::{
    Error, Result, Tensor, position,
    session::{Counters, Session},
};

use components::{assign, named};
use forking::{ForkOptions, fork};
pub(super) use loss::Loss;
pub(super) use tensors::tensor_component;

/// The session as a Lua object.
#[derive(Clone)]
pub struct SessionObject {
    pub core: Rc<RefCell<Session>>,
    /// `session.state`: plain values that last.
    pub state: Table,
}

impl Argument for SessionObject {
    fn kind(_: &mut Docs) -> String {
        "moonburn.Session".into()
    }

    fn from_value(value: Value, _: &Lua, op: &str, name: &str) -> Result<Self> {
        if let Value::UserData(data) = &value
            && let Ok(session) = objects::borrow::<Self>(data)
        {
            return Ok(session.clone());
        }
        Err(mismatch(op, name, "a session (call it with a colon)", &value))
    }
}

of_kind!(
    /// What a loop over the steps goes by.
    Steps,
    "fun(): integer"
);
/// Declares the class.
pub fn declare(api: &mut Api) {
    api.class::<SessionObject>(
        "Session",
        "Everything of a training that lasts. Assign modules, an optimizer, data sets and tensors to names of your \
         choice (session.encoder = …): the name keys initialisation and shuffling.",
        |class, docs| {
            class.example(
                r#"session.model = mb.nn.linear(3, 2)
session.state.best = 0
print(session:has("model"), session.model:numel()) --> true 8"#,
            );
            class
                .method(
                    docs,
                    "steps",
                    "count",
                    "Iterates over the steps of the training: for step in session:steps() do … end. The count is that \
                     of session:plan or options.steps unless given here.",
                    steps,
                )
                .example(
                    r"for step in session:steps(3) do print(step, session.total) end
--> 1 3
--> 2 3
--> 3 3",
                );
            class
                .method(
                    docs,
                    "plan",
                    "count",
                    "Sets the number of steps, which schedules and the progress bar go by.",
                    |s: SessionObject, count: i64| s.core.borrow_mut().plan_count("plan", count),
                )
                .example(
                    r"session:plan(2)
for step in session:steps() do print(step) end
--> 1
--> 2",
                );
            class
                .method(
                    docs,
                    "update",
                    "loss",
                    "Differentiates a scalar loss, or what a function returns, steps the session's optimizer and logs \
                     loss and lr. Returns the loss, nil without one, and the Euclidean norm of all gradients together, before \
                     they are clipped, which is nil in a step that was skipped. Gradients that t:backward has added up at \
                     parameters are part of the update; without a loss there are no others. A loss or gradient that is not finite is an error and \
                     changes nothing. Under the option precision = \"float16\" the loss is scaled before the backward \
                     pass, and gradients are divided by the scale. If the loss or a gradient is not finite, the step \
                     is skipped (session.skipped): only the scale changes, to half. After 24 skipped steps in a row it \
                     is the error. The scale doubles after 2000 updates in a row. Logs loss_scale and skipped, the \
                     number of skipped steps, then.",
                    |s: SessionObject, loss: Option<Loss>| match loss {
                        Some(loss) => loss.update(&s.core, None),
                        None => {
                            let update = Session::update_shared(&s.core, None, None)?;
                            Ok((update.loss, update.gradient_norm))
                        }
                    },
                )
                .example(
                    r"session.model = mb.nn.linear(1, 1, { bias = false })
session.optimizer = mb.optim.sgd { lr = 0.25 }
local first = session.model.weight:detach()
for _ in session:steps(1) do
  local loss, norm = session:update(session.model(mb.ones(1, 1)):sum())
  print(loss == first:item(), norm) --> true 1.0
end
print(first - session.model.weight)
--> tensor [1, 1] float32 on cpu, requires grad
--> [[0.2500]]",
                );
            class
                .method(
                    docs,
                    "log",
                    "values",
                    "Logs named numbers (or scalar tensors) under the running step.",
                    |s: SessionObject, values: Table| log(&s, &values),
                )
                .example(
                    r"for step in session:steps(2) do
  session:log { distance = 1 / step, norm = mb.ones(4):norm() } -- a line of metrics.jsonl
end
print(session.step) --> 2",
                );
            class
                .method(
                    docs,
                    "has",
                    "name",
                    "Whether a component of this name exists.",
                    |s: SessionObject, name: String| Ok(s.core.borrow().get(&name).is_some()),
                )
                .example(
                    r#"if not session:has("queue") then session.queue = mb.zeros(0, 8) end
print(session:has("queue")) --> true"#,
                );
            class
                .method(
                    docs,
                    "at",
                    "schedule",
                    "The value of a schedule, or of a function of step and total, at the running step.",
                    |s: SessionObject, schedule: Moving| {
                        // A function may look at the session.
                        let Counters { step, total, .. } = *s.core.borrow().counters();
                        schedule.0.at(position::from_number(step), total.max(step))
                    },
                )
                .example(
                    r"local weight = mb.schedule.linear(1, 0)
for _ in session:steps(2) do print(session:at(weight)) end
--> 1.0
--> 0.5",
                );
            class
                .method(
                    docs,
                    "fork",
                    "options",
                    "Starts a second run from the state at the beginning of the running step: the same weights, \
                     randomness and order of the data. The second run is trained to its end before the call returns, \
                     in a folder of its own, and leaves this run as it is. Returns its results. The trial step of an \
                     edit does not fork.",
                    |lua: Interpreter, cx: Context, _: SessionObject, options: ForkOptions| fork(&lua.0, &cx, options),
                )
                .example(
                    r"for step in session:steps(2) do
  session:log { rate = options.lr }
  if step == 2 and options.lr == 0.1 then
    print(session:fork({ set = { lr = 0.05 } }).metrics.rate[1]) --> 0.05
  end
end",
                );
            class
                .assignment(docs, "Puts a component under a name.", |s: SessionObject, name: String, value: Value| {
                    assign(&s.core, &name, &value)
                })
                .example(
                    r"session.queue = mb.zeros(4, 2)
session.queue[1] = mb.tensor { 1, 2 }
print(session.queue:sum():item()) --> 3.0",
                );
            fields(class);
        },
    );
}

fn fields(class: &mut Class<SessionObject>) {
    class
        .field("step", "The running step, from 1; 0 before the first.", |s: &SessionObject| {
            Ok(s.core.borrow().counters().step as i64)
        })
        .field("total", "The number of steps.", |s| Ok(s.core.borrow().counters().total as i64))
        .field("seed", "What keys every draw.", |s| Ok(s.core.borrow().counters().seed as i64))
        .field("device", "Where tensors live.", |s| Ok(s.core.borrow().device().name().to_owned()))
        .field(
            "skipped",
            "Whether the last update left the parameters as they were, because in float16 the loss or a gradient was \
                 not finite. Then a loop can leave out whatever else it moves in a step, such as a target network.",
            |s| Ok(s.core.borrow().counters().loss_scale.has_skipped()),
        )
        .field("state", "Plain values of yours that last.", |s| Ok(s.state.clone()))
        .other_names("The components by name.", |s, name, declared| named(&s.core, name, declared));
}

fn log(session: &SessionObject, values: &Table) -> Result<()> {
    for (name, value) in order::entries(values).map_err(Error::callback)? {
        let Value::String(name) = &name else { return Err(mismatch("log", "every value", "named", &name)) };
        let name = name.to_string_lossy();
        if name == "step" || name == "seconds" {
            return Err(Error::argument("log", "a name", "other than 'step' and 'seconds'", format!("'{name}'")));
        }
        let number = match &value {
            Value::Integer(x) => *x as f64,
            Value::Number(x) => *x,
            Value::UserData(data) if objects::is::<Tensor>(data) => {
                objects::borrow::<Tensor>(data).map_err(Error::callback)?.item()?
            }
            other => return Err(mismatch("log", &name, "a number or a scalar tensor", other)),
        };
        session.core.borrow_mut().log(&name, number);
    }
    Ok(())
}

fn steps(lua: Interpreter, context: Context, session: SessionObject, count: Option<i64>) -> Result<Steps> {
    if let Some(count) = count {
        session.core.borrow_mut().plan_count("steps", count)?;
    }
    session.core.borrow().check_plan()?;
    let state = session.state.clone();
    let next = lua.0.create_function(move |lua, _: MultiValue| {
        match boundary::next_step(lua, &context, &state).map_err(|error| raise(lua, error))? {
            Flow::Continue(step) => Ok(step.map(|step| step as i64)),
            Flow::Break(_) => Err(raise_leave(lua, Leave::Anew)),
        }
    });
    next.map(Steps::from).map_err(Error::callback)
}

/// Makes the Lua object of the context's session.
pub fn object(lua: &Lua, context: &Context, state: &Table) -> mlua::Result<AnyUserData> {
    objects::create(lua, SessionObject { core: context.session.clone(), state: state.clone() })
}
