//! Optimizers.

mod class;
mod custom;
mod hyperparameters;
mod scope;
mod shared;
mod wrapped;

use mlua::Lua;
use serde::Serialize;

use super::{
    api::{Api, Argument, Interpreter},
    parameter_groups::groups,
    schedule::Rate,
};
use crate::{
    Result,
    optim::{Adagrad, Adam, AdamW, Lamb, Lars, Lion, RmsProp, Rule, Scheduled, Sgd},
    options::{Options, options},
};
use hyperparameters::{WithSchedules, of_group};
use scope::{OptimizerScope, assembled};
use shared::Shared;

options! {
    /// Options of `mb.optim.sgd`.
    pub struct SgdOptions {
        /// The learning rate, or its schedule.
        pub lr: Rate;
        ..scope: OptimizerScope;
        ..rule: Sgd;
    }
    /// Options of `mb.optim.adam`.
    pub struct AdamOptions {
        /// The learning rate, or its schedule.
        pub lr: Rate;
        ..scope: OptimizerScope;
        ..rule: Adam;
    }
    /// Options of `mb.optim.adamw`.
    pub struct AdamWOptions {
        /// The learning rate, or its schedule.
        pub lr: Rate;
        ..scope: OptimizerScope;
        ..rule: AdamW;
    }
    /// Options of `mb.optim.rmsprop`.
    pub struct RmsPropOptions as "RMSpropOptions" {
        /// The learning rate, or its schedule.
        pub lr: Rate;
        ..scope: OptimizerScope;
        ..rule: RmsProp;
    }
    /// Options of `mb.optim.adagrad`.
    pub struct AdagradOptions {
        /// The learning rate, or its schedule.
        pub lr: Rate;
        ..scope: OptimizerScope;
        ..rule: Adagrad;
    }
    /// Options of `mb.optim.lars`.
    pub struct LarsOptions {
        /// The learning rate, or its schedule.
        pub lr: Rate;
        ..scope: OptimizerScope;
        ..rule: Lars;
    }
    /// Options of `mb.optim.lamb`.
    pub struct LambOptions {
        /// The learning rate, or its schedule.
        pub lr: Rate;
        ..scope: OptimizerScope;
        ..rule: Lamb;
    }
    /// Options of `mb.optim.lion`.
    pub struct LionOptions {
        /// The learning rate, or its schedule.
        pub lr: Rate;
        ..scope: OptimizerScope;
        ..rule: Lion;
    }
}

/// Declares the class and the functions that make one.
pub fn declare(api: &mut Api) {
    stochastic(api);
    adaptive(api);
    layerwise(api);
    custom::declare(api);
    wrapped::declare(api);
    class::declare(api);
}

/// A function that makes an optimizer of a rule.
macro_rules! optimizer {
    ($api:expr, $name:literal, $options:ident, $rule:ident, $doc:expr, $example:expr) => {
        $api.function(
            concat!("optim.", $name),
            "options",
            $doc,
            |lua: Interpreter, options: WithSchedules<$options, $rule>| {
                let WithSchedules { options, scheduled, .. } = options;
                made($name, &lua.0, options.lr, options.scope, (options.rule, scheduled), Rule::$rule)
            },
        )
        .example($example)
    };
}

fn stochastic(api: &mut Api) {
    optimizer!(
        api,
        "sgd",
        SgdOptions,
        Sgd,
        "Stochastic gradient descent with momentum, as PyTorch's.",
        r"session.model = mb.nn.linear(3, 2)
session.optimizer = mb.optim.sgd { lr = 0.1, momentum = 0.9 }
for step in session:steps(2) do
  session:update(session.model(mb.ones(4, 3)):mean())
end
print(session.step) --> 2"
    );
}

/// A step of an optimizer with lr 0.1 from a weight of 1 and a gradient of 2, as an example.
fn one_step(made: &str, is: &str) -> String {
    format!(
        "session.model = mb.nn.module {{
  w = mb.nn.parameter({{ 1, 1 }}, {{ value = 1 }}),
  forward = function(self, x) return self.w * x end,
}}
session.optimizer = mb.optim.{made}
for _ in session:steps(1) do session:update(session.model(mb.tensor(2.0)):sum()) end
print((\"%.4f\"):format(session.model.w:item())) --> {is}"
    )
}

fn adaptive(api: &mut Api) {
    optimizer!(
        api,
        "adam",
        AdamOptions,
        Adam,
        "Adam (Kingma and Ba, 2015), as PyTorch's: lr · m̂ / (√v̂ + eps), of the running means m of gradients and v of their \
         squares, each divided by 1 − βᵗ. Weight decay is part of the gradient.",
        one_step("adam { lr = 0.1 }", "0.9000")
    );
    optimizer!(
        api,
        "adamw",
        AdamWOptions,
        AdamW,
        "AdamW (Loshchilov and Hutter, 2019), as PyTorch's: Adam's step, and lr · weight_decay of the parameter besides.",
        one_step("adamw { lr = 0.1, weight_decay = 0.5 }", "0.8500")
    );
    optimizer!(
        api,
        "rmsprop",
        RmsPropOptions,
        RmsProp,
        "RMSprop (Hinton, 2012), as PyTorch's: gradients divided by the root of the running mean of their squares.",
        one_step("rmsprop { lr = 0.1, alpha = 0.75 }", "0.8000")
    );
    optimizer!(
        api,
        "adagrad",
        AdagradOptions,
        Adagrad,
        "Adagrad (Duchi et al., 2011), as PyTorch's: gradients divided by the root of the sum of their squares so far.",
        one_step("adagrad { lr = 0.1 }", "0.9000")
    );
    optimizer!(
        api,
        "lion",
        LionOptions,
        Lion,
        "Lion (Chen et al., 2023): the sign of a running mean of gradients, and lr · weight_decay of the parameter besides.",
        one_step("lion { lr = 0.1 }", "0.9000")
    );
}

fn layerwise(api: &mut Api) {
    optimizer!(
        api,
        "lars",
        LarsOptions,
        Lars,
        "Layer-wise adaptive rate scaling (You et al. 2017): a step is trust_coefficient · ‖p‖ long times lr. Biases, norm \
         parameters and all others of at most one dim are neither decayed nor adapted. As in PyTorch's SGD, lr multiplies \
         the velocity; in the paper it is within, which differs while lr changes.",
        r"session.model = mb.nn.linear(1, 1, { bias = false })
session.optimizer = mb.optim.lars { lr = 1, trust_coefficient = 0.1 }
local first = session.model.weight:detach()
for _ in session:steps(1) do session:update((session.model(mb.ones(1, 1)) ^ 2):sum()) end
print(session.model.weight / first)
--> tensor [1, 1] float32 on cpu, requires grad
--> [[0.9000]]"
    );
    optimizer!(
        api,
        "lamb",
        LambOptions,
        Lamb,
        "LAMB (You et al. 2020): Adam's step and weight_decay of the parameter, ‖p‖ long times lr. Biases, norm parameters \
         and all others of at most one dim are neither decayed nor adapted.",
        one_step("lamb { lr = 0.1 }", "0.9000")
    );
}

/// An optimizer as a script describes it.
fn made<H: Argument + Options<Required = ()> + Copy + Serialize>(
    op: &str,
    lua: &Lua,
    lr: Rate,
    scope: OptimizerScope,
    (hyperparameters, scheduled): (H, Scheduled),
    rule: fn(H) -> Rule,
) -> Result<Shared> {
    let (written, scope) = scope.apart(op)?;
    let of_group = |own, place: &str| of_group(lua, [op, place], own, (hyperparameters, &scheduled), rule);
    let groups = groups(op, lua, written, &lr, of_group)?;
    assembled(lr, scope, (rule(hyperparameters), scheduled), groups)
}
