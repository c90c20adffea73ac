//! Optimizers whose rule is a script's own.

use std::{collections::BTreeMap, rc::Rc};

use mlua::{Function, Lua, MultiValue, Table, Value, WeakLua};

use super::{
    super::{
        api::{Api, Argument, Docs, Interpreter, mismatch},
        order::{self, objects},
        parameter_groups::groups,
        schedule::{MOVING, Moving, Rate},
    },
    scope::{OptimizerScope, assembled},
    shared::Shared,
};
use crate::{
    Error, Result, Tensor,
    optim::{Custom, Functions, Rule, Schedule, Scheduled, Slots, UpdateTarget},
    options::options,
};

/// Hyperparameters by names of the script's own.
#[derive(Default)]
pub struct Numbers(BTreeMap<String, Schedule>);

impl Argument for Numbers {
    fn kind(_: &mut Docs) -> String {
        format!("table<string, {MOVING}>")
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        let Value::Table(table) = &value else { return Err(mismatch(op, name, "a table of named numbers", &value)) };
        let mut numbers = BTreeMap::new();
        for (key, value) in order::entries(table).map_err(Error::callback)? {
            let Value::String(key) = &key else { return Err(mismatch(op, name, "a table of named numbers", &key)) };
            let key = key.to_string_lossy();
            if ["lr", "step", "role"].contains(&key.as_str()) {
                let want = "other than 'lr', 'step' and 'role', which update is given as well";
                return Err(Error::argument(op, "the name of a hyperparameter", want, format!("'{key}'")));
            }
            // A schedule's value is logged by the name, a group's with the group's behind a dot.
            let is_logged = ["loss", "loss_scale", "seconds", "skipped"].contains(&key.as_str());
            if is_logged || key.is_empty() || key.contains(['.', '/', '\n']) {
                let want = "a word without dots and slashes other than 'loss', 'loss_scale', 'seconds' and 'skipped', which \
                            are logged as well";
                return Err(Error::argument(op, "the name of a hyperparameter", want, format!("'{key}'")));
            }
            numbers.insert(key.clone(), Moving::from_value(value, lua, op, &format!("{name}.{key}"))?.0);
        }
        Ok(Self(numbers))
    }
}

impl Numbers {
    /// Values, and schedules where there are any: then the value is that of no step.
    fn apart(&self) -> (BTreeMap<String, f64>, Scheduled) {
        let mut apart = (BTreeMap::new(), Scheduled::new());
        for (name, schedule) in &self.0 {
            match schedule {
                Schedule::Constant(value) => drop(apart.0.insert(name.clone(), *value)),
                other => {
                    apart.0.insert(name.clone(), 0.0);
                    apart.1.insert(name.clone(), other.clone());
                }
            }
        }
        apart
    }

    /// These, with what a group has written of them.
    fn with(&self, own: Table, lua: &Lua, [op, place]: [&str; 2]) -> Result<Self> {
        let own = Self::from_value(Value::Table(own), lua, op, place)?;
        let mut all = self.0.clone();
        for (name, schedule) in own.0 {
            match all.get_mut(&name) {
                Some(known) => *known = schedule,
                None => return Err(Error::unknown(op, "hyperparameter", &name, self.0.keys())),
            }
        }
        Ok(Self(all))
    }
}

options! {
    /// Options of `mb.optim.of`.
    pub struct CustomOptions {
        /// The learning rate, or its schedule.
        pub lr: Rate;
        /// function(gradient, state, parameter, info): returns the step and the next state. The parameter moves against the
        /// step times lr. info has lr, step, role ("weight", "bias" or "norm") and the hyperparameters.
        pub update: Function;
        /// function(parameter): returns the state before the first step, a table of named tensors and whole numbers. It may
        /// be called more than once, with zeros of a parameter's shape. By default nothing is kept.
        pub init: Option<Function> = None;
        /// Numbers, each with a schedule if you like, which info has by name, and groups may have otherwise.
        pub hyperparameters: Option<Numbers> = None;
        ..scope: OptimizerScope;
    }
}

/// Declares the function.
pub(super) fn declare(api: &mut Api) {
    api.function(
        "optim.of",
        "options",
        "An optimizer whose rule is yours: two pure functions, as optax has them. What it keeps is in checkpoints, goes on \
         through edits and rewinds, and has groups and clipping as that of all others.",
        |lua: Interpreter, options: CustomOptions| of(&lua.0, options),
    )
    .example(
        r"session.model = mb.nn.linear(1, 1, { bias = false })
session.optimizer = mb.optim.of {
  lr = 0.1,
  hyperparameters = { beta = 0.5 },
  init = function(parameter) return { velocity = mb.zeros_like(parameter) } end,
  update = function(gradient, state, parameter, info)
    local velocity = state.velocity * info.beta + gradient
    return velocity, { velocity = velocity }
  end,
}
local first = session.model.weight:detach()
for _ in session:steps(2) do session:update(session.model(mb.ones(1, 1)):sum()) end
print(first - session.model.weight) -- 0.1 · 1 + 0.1 · 1.5
--> tensor [1, 1] float32 on cpu, requires grad
--> [[0.2500]]",
    );
}

fn of(lua: &Lua, options: CustomOptions) -> Result<Shared> {
    let functions: Rc<dyn Functions> =
        Rc::new(OfScript { init: options.init, update: options.update, lua: lua.weak() });
    let rule = |numbers: &Numbers| {
        let (values, scheduled) = numbers.apart();
        (Rule::Custom(Custom::new(Rc::clone(&functions), values)), scheduled)
    };
    let numbers = options.hyperparameters.unwrap_or_default();
    let (groups_written, scope) = options.scope.apart("of")?;
    let of_group = |own, place: &str| numbers.with(own, lua, ["of", place]).map(|numbers| rule(&numbers));
    let groups = groups("of", lua, groups_written, &options.lr, of_group)?;
    assembled(options.lr, scope, rule(&numbers), groups)
}

/// The two functions.
struct OfScript {
    init: Option<Function>,
    update: Function,
    /// The VM reaches the optimizer through the session: a strong handle would keep both alive for ever.
    lua: WeakLua,
}

impl OfScript {
    fn lua(&self) -> Result<Lua> {
        self.lua
            .try_upgrade()
            .ok_or_else(|| Error::State { op: "of", reason: "the script that has its functions is gone".into() })
    }
}

impl Functions for OfScript {
    fn init(&self, parameter: &Tensor) -> Result<Slots> {
        let (lua, Some(init)) = (self.lua()?, &self.init) else { return Ok(Slots::default()) };
        let parameter = object(&lua, parameter)?;
        let kept = init.call::<Value>(parameter).map_err(Error::callback)?;
        slots(&kept, "the state that init returns")
    }

    fn update(
        &self,
        update: Tensor,
        kept: Slots,
        target: &UpdateTarget,
        hyperparameters: &BTreeMap<String, f64>,
    ) -> Result<(Tensor, Slots)> {
        let lua = self.lua()?;
        let arguments = [
            object(&lua, &update)?,
            state(&lua, &kept)?,
            object(&lua, &target.parameter)?,
            info(&lua, target, hyperparameters).map(Value::Table).map_err(Error::callback)?,
        ];
        let returned = self.update.call::<MultiValue>(MultiValue::from_iter(arguments)).map_err(Error::callback)?;
        let mut returned = returned.into_iter();
        let step = Tensor::from_value(returned.next().unwrap_or_default(), &lua, "of", "the step that update returns")?;
        if step.shape() != target.parameter.shape() {
            let want = format!("of the parameter's shape {:?}", target.parameter.shape());
            return Err(Error::argument(
                "of",
                "the step that update returns",
                want,
                format!("shape {:?}", step.shape()),
            ));
        }
        let next = returned.next().unwrap_or_default();
        Ok((step.detach(), slots(&next, "the state that update returns")?))
    }
}

fn object(lua: &Lua, tensor: &Tensor) -> Result<Value> {
    objects::create(lua, tensor.clone()).map(Value::UserData).map_err(Error::callback)
}

fn state(lua: &Lua, kept: &Slots) -> Result<Value> {
    let table = lua.create_table().map_err(Error::callback)?;
    for (name, slot) in &kept.tensors {
        if let Some(tensor) = slot.tensor() {
            table.raw_set(name.as_str(), object(lua, tensor)?).map_err(Error::callback)?;
        }
    }
    for (name, count) in &kept.counters {
        table.raw_set(name.as_str(), *count).map_err(Error::callback)?;
    }
    Ok(Value::Table(table))
}

fn info(lua: &Lua, target: &UpdateTarget, hyperparameters: &BTreeMap<String, f64>) -> mlua::Result<Table> {
    let table = lua.create_table_from(hyperparameters.iter().map(|(name, value)| (name.as_str(), *value)))?;
    table.raw_set("lr", target.lr)?;
    table.raw_set("step", target.step)?;
    table.raw_set("role", target.role.name())?;
    Ok(table)
}

/// Named tensors and whole numbers.
fn slots(value: &Value, what: &str) -> Result<Slots> {
    let table = match value {
        Value::Nil => return Ok(Slots::default()),
        Value::Table(table) => table,
        other => return Err(mismatch("of", what, "a table of named tensors and whole numbers", other)),
    };
    let mut slots = Slots::default();
    for (key, value) in order::entries(table).map_err(Error::callback)? {
        let Value::String(key) = &key else { return Err(mismatch("of", what, "a table by name", &key)) };
        let name = key.to_string_lossy();
        if name.is_empty() || name == "begun" || name.contains(['/', '.', '\n']) {
            let want = "a word without dots and slashes other than 'begun'";
            return Err(Error::argument("of", format!("a name in {what}"), want, format!("'{name}'")));
        }
        slots = match &value {
            Value::Integer(count) if *count >= 0 => slots.counter(&name, *count as u64),
            Value::Number(count) if count.fract() == 0.0 && (0.0..2e15).contains(count) => {
                slots.counter(&name, *count as u64)
            }
            Value::UserData(data) if objects::is::<Tensor>(data) => {
                let tensor = objects::borrow::<Tensor>(data).map_err(Error::callback)?.detach();
                tensor.want_float("of")?;
                slots.tensor(&name, tensor)
            }
            other => {
                let want = "a tensor, or a whole number of at least 0 (write mb.tensor(x) for another)";
                return Err(mismatch("of", &format!("{name} in {what}"), want, other));
            }
        };
    }
    Ok(slots)
}
