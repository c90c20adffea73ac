use serde_json::Value;

use super::*;
use crate::nn::fixture::fixture;

#[test]
fn warm_up_and_cosine_follow_the_formula() {
    for case in fixture("/optimizers/warmup_cosine").as_array().unwrap() {
        let warmup = Length::Steps(case["warmup"].as_u64().unwrap());
        let schedule = Schedule::WarmupCosine { base: case["base"].as_f64().unwrap(), warmup };
        for (step, lr) in case["lr"].as_array().unwrap().iter().enumerate() {
            assert!(
                (schedule.at(step as u64, case["total"].as_u64().unwrap()).unwrap() - lr.as_f64().unwrap()).abs()
                    < 1e-12
            );
        }
    }
}

#[test]
fn a_cosine_from_m_to_1_is_byols_momentum() {
    let schedule = Schedule::cosine(0.99, 1.0).unwrap();
    for step in 0..=20 {
        let want = 1.0 - (1.0 - 0.99) * ((PI * step as f64 / 20.0).cos() + 1.0) / 2.0;
        assert!((schedule.at(step, 20).unwrap() - want).abs() < 1e-12);
    }
    assert_eq!((Schedule::linear(3.0, -1.0).unwrap().at(5, 10).unwrap(), schedule.at(99, 20).unwrap()), (1.0, 1.0));
    assert!(Schedule::cosine(f64::NAN, 1.0).is_err() && Schedule::linear(0.0, f64::INFINITY).is_err());
}

#[test]
fn a_share_of_the_steps_is_whole_steps() {
    let share = Schedule::warmup_cosine(1.0, 0.01).unwrap();
    let steps = Schedule::warmup_cosine(1.0, 20.0).unwrap();
    assert!((0..2000).all(|step| share.at(step, 2000).unwrap() == steps.at(step, 2000).unwrap()));
    assert_eq!((share.at(2000, 2000).unwrap(), share.at(9999, 2000).unwrap()), (0.0, 0.0));
    assert!(Schedule::warmup_cosine(1.0, 1.5).is_err() && Schedule::warmup_cosine(f64::NAN, 0.0).is_err());
}

/// A schedule as the generator of the fixtures describes it.
fn described(kind: &str, by: &Value) -> Schedule {
    let number = |name: &str| by[name].as_f64().unwrap();
    let numbers = |name: &str| by[name].as_array().unwrap().iter().map(|it| it.as_f64().unwrap()).collect::<Vec<_>>();
    match kind {
        "step" => Schedule::step(number("base"), number("factor"), number("every")),
        "multi_step" => Schedule::multi_step(number("base"), number("factor"), &numbers("milestones")),
        "exponential" => Schedule::exponential(number("base"), number("factor"), 1.0),
        "polynomial" => Schedule::polynomial(number("base"), 0.0, number("power")),
        "cosine" => Schedule::cosine(number("base"), number("last")),
        "cosine_restarts" => {
            Schedule::cosine_restarts(number("base"), number("last"), number("period"), number("growth"))
        }
        "one_cycle" => Schedule::one_cycle(
            number("peak"),
            OneCycleOptions {
                pct_start: number("pct_start"),
                div_factor: number("div_factor"),
                final_div_factor: number("final_div_factor"),
                anneal: by["anneal"].as_str().unwrap().parse().unwrap(),
            },
        ),
        "warmup" => described("step", by).after_warmup(number("length"), Some(number("from"))),
        "piecewise" => Schedule::piecewise(
            vec![described("exponential", by), described("cosine", by), Schedule::Constant(number("base"))],
            &numbers("boundaries"),
        ),
        other => panic!("no schedule {other}"),
    }
    .unwrap()
}

#[test]
fn each_is_pytorchs_at_every_step() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../../../tests/fixtures/schedules.json")).unwrap();
    assert!(cases.len() > 30, "{}", cases.len());
    for case in cases {
        let schedule = described(case["kind"].as_str().unwrap(), &case["by"]);
        let total = case["total"].as_u64().unwrap();
        for (step, want) in case["values"].as_array().unwrap().iter().enumerate() {
            let (got, want) = (schedule.at(step as u64, total).unwrap(), want.as_f64().unwrap());
            assert!((got - want).abs() <= 1e-12 * want.abs().max(1e-3), "{case}: step {step}: {got} and {want}");
        }
    }
}

#[test]
fn the_first_step_of_a_warm_up_is_not_lost() {
    let schedule = Schedule::linear(1.0, 0.0).unwrap().after_warmup(3.0, None).unwrap();
    let values: Vec<f64> = (0..7).map(|step| schedule.at(step, 7).unwrap()).collect();
    assert_eq!(values, [0.25, 0.5, 0.75, 1.0, 0.75, 0.5, 0.25]);
    let share = Schedule::constant(1.0).unwrap().after_warmup(0.5, Some(0.0)).unwrap();
    assert_eq!((0..4).map(|step| share.at(step, 4).unwrap()).collect::<Vec<_>>(), [0.0, 0.5, 1.0, 1.0]);
}

#[test]
fn periods_that_grow_begin_anew_at_whole_steps_however_far() {
    let schedule = Schedule::cosine_restarts(1.0, 0.0, 3.0, 2.0).unwrap();
    let (mut begins, mut period) = (0u64, 3u64);
    for _ in 0..40 {
        assert_eq!(schedule.at(begins, 1).unwrap(), 1.0, "step {begins}");
        begins += period;
        period *= 2;
    }
}

#[test]
fn what_makes_no_sense_is_told() {
    let message = |schedule: Result<Schedule>| schedule.unwrap_err().to_string();
    assert_eq!(message(Schedule::step(0.1, 0.1, 0.0)), "step: every must be more than 0, got 0");
    assert_eq!(
        message(Schedule::multi_step(0.1, 0.1, &[3.0, 4.5])),
        "multi_step: milestones[2] must be a share from 0 to 1 or a whole number of steps, got 4.5"
    );
    assert_eq!(
        message(Schedule::cosine_restarts(1.0, 0.0, 3.0, 0.5)),
        "cosine_restarts: growth must be at least 1, got 0.5"
    );
    assert_eq!(
        message(Schedule::piecewise(vec![Schedule::Constant(1.0)], &[3.0])),
        "piecewise: the number of boundaries must be one fewer than the 1 parts, got 1"
    );
    assert_eq!(message(Schedule::exponential(f64::NAN, 0.1, 1.0)), "exponential: base must be finite, got NaN");
    assert_eq!(message(Schedule::polynomial(1.0, 0.0, 0.0)), "polynomial: power must be more than 0, got 0");
}

#[test]
fn a_function_is_found_again_after_a_checkpoint() {
    let function = Schedule::Function(FunctionSchedule::new(std::rc::Rc::new(|step, total| Ok((step + total) as f64))));
    let schedule =
        Schedule::piecewise(vec![function.after_warmup(2.0, None).unwrap(), Schedule::Constant(1.0)], &[5.0]).unwrap();
    let mut read: Schedule = serde_json::from_str(&serde_json::to_string(&schedule).unwrap()).unwrap();
    assert_eq!(read, schedule);
    let error = read.at(3, 9).unwrap_err().to_string();
    assert!(error.starts_with("schedule: it was a function"), "{error}");
    read.find_functions(&schedule);
    assert_eq!(read.at(3, 9).unwrap(), schedule.at(3, 9).unwrap());
    let endless = Schedule::Function(FunctionSchedule::new(std::rc::Rc::new(|_, _| Ok(f64::NAN))));
    assert_eq!(endless.at(0, 1).unwrap_err().to_string(), "schedule: the returned value must be finite, got NaN");
}

#[test]
fn a_function_is_no_other_forms_and_one_of_the_loop_is_not_that_of_setup() {
    let function = || Schedule::Function(FunctionSchedule::new(std::rc::Rc::new(|_, _| Ok(0.5))));
    let made = |first| Schedule::piecewise(vec![first, Schedule::Constant(1.0)], &[5.0]).unwrap();
    let read =
        |schedule: &Schedule| -> Schedule { serde_json::from_str(&serde_json::to_string(schedule).unwrap()).unwrap() };
    let piecewise = made(function());
    for other in [function(), function().after_warmup(2.0, None).unwrap(), made(Schedule::Constant(1.0))] {
        let mut lost = read(&piecewise);
        lost.find_functions(&other);
        assert!(lost.at(0, 9).is_err(), "{other:?}");
    }
    let mut of_loop = piecewise.clone();
    of_loop.functions().into_iter().for_each(FunctionSchedule::note_loop);
    assert_eq!(of_loop.at(0, 9).unwrap(), 0.5);
    let mut lost = read(&of_loop);
    lost.find_functions(&piecewise);
    assert!(lost.at(0, 9).is_err());
    let mut lost = read(&piecewise);
    lost.find_functions(&of_loop);
    assert!(lost.at(0, 9).is_err());
    lost.find_functions(&piecewise);
    assert_eq!(lost.at(0, 9).unwrap(), 0.5);
}
