//! Schedules: numbers that change from step to step.

mod moving;

use super::{
    api::Api,
    object::{named, object},
    position::Position,
};
use crate::{
    optim::{Anneal, OneCycleOptions, Schedule},
    options::options,
};

pub use moving::{MOVING, Moving, Rate};

object!(Schedule, "Schedule", "a schedule");

named! {
    Anneal;
}

options! {
    /// Options of `mb.schedule.step`.
    pub struct StepOptions {
        /// After so many steps each time; a share of all steps if below 1.
        pub every: f64;
        /// What the value is multiplied by.
        pub factor: f64 = 0.1;
    }
    /// Options of `mb.schedule.multi_step`.
    pub struct MultiStepOptions {
        /// After so many steps of the training; shares of all steps if below 1.
        pub milestones: Vec<f64>;
        /// What the value is multiplied by.
        pub factor: f64 = 0.1;
    }
    /// Options of `mb.schedule.exponential`.
    pub struct ExponentialOptions {
        /// What the value is multiplied by.
        pub factor: f64;
        /// In so many steps; a share of all steps if below 1.
        pub every: f64 = 1.0;
    }
    /// Options of `mb.schedule.polynomial`.
    pub struct PolynomialOptions {
        /// The power of the share of steps that are left.
        pub power: f64 = 1.0;
    }
    /// Options of `mb.schedule.cosine_restarts`.
    pub struct RestartOptions {
        /// The steps to the first restart; a share of all steps if below 1.
        pub period: f64;
        /// How many times as long each period is as the one before.
        pub growth: f64 = 1.0;
        /// What it comes down to.
        pub last: f64 = 0.0;
    }
    /// Options of a schedule's `warmup`.
    pub struct RiseOptions {
        /// The value of the first step. Without it the first step has 1/(W + 1) of the value after W steps of warm-up.
        pub from: Option<f64> = None;
    }
    /// Options of `mb.schedule.warmup_cosine`.
    pub struct WarmupOptions {
        /// The warm-up: a part of all steps if below 1, else a number of steps.
        pub warmup: f64 = 0.0;
    }
}

/// Declares the class and its functions.
pub fn declare(api: &mut Api) {
    straight(api);
    falling(api);
    composed(api);
    class(api);
}

fn straight(api: &mut Api) {
    api.function(
        "schedule.warmup_cosine",
        "base, options",
        "Linear warm-up, then half a cosine to 0: base · (t + 1) / (W + 1) for t ≤ W, then base · (1 + cos(π (t − W) / \
         (T − W))) / 2, for step t from 0.",
        |base: f64, options: WarmupOptions| Schedule::warmup_cosine(base, options.warmup),
    )
    .example(
        r"local lr = mb.schedule.warmup_cosine(0.4, { warmup = 3 })
print(lr:at(1, 100), lr:at(2, 100), lr:at(4, 100)) --> 0.1 0.2 0.4",
    );
    api.function("schedule.constant", "value", "The same value for every step.", |value: f64| {
        Schedule::constant(value)
    })
    .example(
        r"local lr = mb.schedule.constant(0.3)
print(lr:at(1, 100), lr:at(100, 100)) --> 0.3 0.3",
    );
    api.function(
        "schedule.cosine",
        "first, last",
        "Half a cosine from one value to another: last + (first − last) · (1 + cos(π t / T)) / 2 for step t from 0. \
         From m to 1 it is BYOL's momentum, from 1 to 0 an annealed weight.",
        |first: f64, last: f64| Schedule::cosine(first, last),
    )
    .example(
        r"local weight = mb.schedule.cosine(1, 0)
print(weight:at(1, 10), weight:at(6, 10)) --> 1.0 0.5",
    );
    api.function(
        "schedule.linear",
        "first, last",
        "A straight line from one value to another: first + (last − first) · t / T for step t from 0.",
        |first: f64, last: f64| Schedule::linear(first, last),
    )
    .example(
        r"local lr = mb.schedule.linear(1, 0)
print(lr:at(1, 10), lr:at(6, 10)) --> 1.0 0.5",
    );
}

fn falling(api: &mut Api) {
    api.function(
        "schedule.polynomial",
        "first, last, options",
        "From one value to another along a power of what is left: last + (first − last) · (1 − t / T)ᵖ for step t from 0. \
         As PyTorch's PolynomialLR.",
        |first: f64, last: f64, options: PolynomialOptions| Schedule::polynomial(first, last, options.power),
    )
    .example(
        r"local lr = mb.schedule.polynomial(1, 0, { power = 2 })
print(lr:at(1, 10), lr:at(6, 10)) --> 1.0 0.25",
    );
    api.function(
        "schedule.step",
        "base, options",
        "Multiplied by a factor again and again: base · factor^⌊t / every⌋ for step t from 0. As PyTorch's StepLR.",
        |base: f64, options: StepOptions| Schedule::step(base, options.factor, options.every),
    )
    .example(
        r"local lr = mb.schedule.step(1, { every = 30, factor = 0.5 })
print(lr:at(30, 90), lr:at(31, 90), lr:at(61, 90)) --> 1.0 0.5 0.25",
    );
    api.function(
        "schedule.multi_step",
        "base, options",
        "Multiplied by a factor at milestones: base · factorᵏ after k of them. As PyTorch's MultiStepLR.",
        |base: f64, options: MultiStepOptions| Schedule::multi_step(base, options.factor, &options.milestones),
    )
    .example(
        r"local lr = mb.schedule.multi_step(1, { milestones = { 0.5, 0.75 }, factor = 0.5 })
print(lr:at(50, 100), lr:at(51, 100), lr:at(76, 100)) --> 1.0 0.5 0.25",
    );
    api.function(
        "schedule.exponential",
        "base, options",
        "Multiplied by a factor little by little: base · factor^(t / every) for step t from 0. As PyTorch's ExponentialLR.",
        |base: f64, options: ExponentialOptions| Schedule::exponential(base, options.factor, options.every),
    )
    .example(
        r"local lr = mb.schedule.exponential(1, { factor = 0.25, every = 10 })
print(lr:at(1, 100), lr:at(6, 100), lr:at(11, 100)) --> 1.0 0.5 0.25",
    );
    api.function(
        "schedule.cosine_restarts",
        "first, options",
        "Half a cosine from a value to another, anew after each period (SGDR, Loshchilov and Hutter 2017). As PyTorch's \
         CosineAnnealingWarmRestarts.",
        |first: f64, options: RestartOptions| {
            Schedule::cosine_restarts(first, options.last, options.period, options.growth)
        },
    )
    .example(
        r"local lr = mb.schedule.cosine_restarts(1, { period = 10, growth = 2 })
print(lr:at(1, 90), lr:at(6, 90), lr:at(11, 90), lr:at(31, 90)) --> 1.0 0.5 1.0 1.0",
    );
    api.function(
        "schedule.one_cycle",
        "peak, options",
        "Up to a peak and down far below the beginning (Smith and Topin 2018). As PyTorch's OneCycleLR with two phases.",
        |peak: f64, options: OneCycleOptions| Schedule::one_cycle(peak, options),
    )
    .example(
        r#"local lr = mb.schedule.one_cycle(1, { pct_start = 0.5, div_factor = 4, final_div_factor = 10, anneal = "linear" })
print(lr:at(1, 10), lr:at(5, 10), lr:at(10, 10)) --> 0.25 1.0 0.025"#,
    );
}

fn composed(api: &mut Api) {
    api.function(
        "schedule.piecewise",
        "parts, boundaries",
        "Numbers, schedules or functions one after the other, each of which counts its steps from its own beginning. All \
         but the first begin after so many steps of the training; a boundary below 1 is a share of all steps. As PyTorch's \
         SequentialLR.",
        |parts: Vec<Moving>, boundaries: Vec<f64>| {
            Schedule::piecewise(parts.into_iter().map(|part| part.0).collect(), &boundaries)
        },
    )
    .example(
        r"local lr = mb.schedule.piecewise({ 0.5, mb.schedule.linear(1, 0), 0.125 }, { 4, 8 })
print(lr:at(4, 100), lr:at(5, 100), lr:at(7, 100), lr:at(9, 100)) --> 0.5 1.0 0.5 0.125",
    );
}

fn class(api: &mut Api) {
    api.class::<Schedule>("Schedule", "A number for every step, such as the learning rate.", |class, docs| {
        class.example(
            r"local momentum = mb.schedule.linear(0.5, 1) -- of a target network
for _ in session:steps(2) do print(session:at(momentum)) end
--> 0.5
--> 0.75",
        );
        class
            .method(
                docs,
                "at",
                "step, total",
                "The value at a step (from 1) of a training of so many.",
                |schedule: Schedule, step: Position, total: usize| schedule.at(step.0 as u64, total as u64),
            )
            .example(
                r"local lr = mb.schedule.linear(1, 0)
for step = 1, 4 do print(lr:at(step, 4)) end
--> 1.0
--> 0.75
--> 0.5
--> 0.25",
            );
        class
            .method(
                docs,
                "warmup",
                "length, options",
                "This schedule after a straight rise to where it begins. It counts its steps from the end of the warm-up. A \
                 length below 1 is a share of all steps.",
                |schedule: Schedule, length: f64, options: RiseOptions| schedule.after_warmup(length, options.from),
            )
            .example(
                r"local lr = mb.schedule.linear(1, 0):warmup(3)
for step = 1, 7 do print(lr:at(step, 7)) end
--> 0.25
--> 0.5
--> 0.75
--> 1.0
--> 0.75
--> 0.5
--> 0.25",
            );
    });
}
