use super::*;
use crate::{
    nn::Role,
    optim::{Kept, Rule},
};

/// A mean of gradients that begins at the parameter, and a count that begins at 7; with `adds` a sum besides, which
/// begins at the parameter too. `returns` changes the next state.
struct Means {
    adds: bool,
    returns: fn(Slots) -> Slots,
}

impl Functions for Means {
    fn init(&self, parameter: &Tensor) -> Result<Slots> {
        let slots = Slots::default().tensor("mean", parameter.clone()).counter("count", 7);
        Ok(if self.adds { slots.tensor("sum", parameter.clone()).counter("steps", 3) } else { slots })
    }

    fn update(&self, update: Tensor, kept: Slots, _: &UpdateTarget, _: &BTreeMap<String, f64>) -> Result<Passing> {
        let count = kept.count("count") + 1;
        Ok((update, (self.returns)(kept.counter("count", count))))
    }
}

fn rule(adds: bool, returns: fn(Slots) -> Slots) -> Rule {
    Rule::Custom(Custom::new(Rc::new(Means { adds, returns }), BTreeMap::new()))
}

fn step(rule: &Rule, kept: &Kept) -> Result<Slots> {
    let parameter = Tensor::from_floats(vec![2.0, 3.0], &[2], &Device::cpu())?;
    let gradient = Tensor::ones(&[2], &Device::cpu())?;
    let target = UpdateTarget { parameter, role: Role::Weight, lr: 0.1, step: 1 };
    Ok(rule.update(target, &gradient, kept)?.kept[Custom::NAME].clone())
}

fn floats(slots: &Slots, name: &str) -> Vec<f32> {
    slots.get(name).unwrap().floats().unwrap()
}

#[test]
fn what_an_edit_adds_to_the_state_begins_as_init_says_and_the_rest_goes_on() {
    let first = step(&rule(false, |slots| slots), &Kept::new()).unwrap();
    assert_eq!((floats(&first, "mean"), first.count("count")), (vec![2.0, 3.0], 8));
    let moved = first.tensor("mean", Tensor::ones(&[2], &Device::cpu()).unwrap());
    let kept = Kept::from([(Custom::NAME.to_owned(), moved)]);
    let next = step(&rule(true, |slots| slots), &kept).unwrap();
    assert_eq!((floats(&next, "mean"), next.count("count")), (vec![1.0, 1.0], 9));
    assert_eq!((floats(&next, "sum"), next.count("steps")), (vec![2.0, 3.0], 3));
}

#[test]
fn a_next_state_that_is_not_made_as_init_made_the_first_is_told() {
    let told = |returns: fn(Slots) -> Slots| step(&rule(false, returns), &Kept::new()).err().unwrap().to_string();
    let longer = told(|slots| slots.tensor("mean", Tensor::ones(&[5, 3], &Device::cpu()).unwrap()));
    assert_eq!(longer, "of: mean in the state that update returns must be [2], as init made it, got [5, 3]");
    let counter = told(|mut slots| {
        slots.tensors.clear();
        slots.counter("mean", 1)
    });
    assert_eq!(counter, "of: mean in the state that update returns must be [2], as init made it, got a whole number");
    let more = told(|slots| slots.counter("more", 1));
    assert_eq!(
        more,
        "of: the state that update returns must be what init has kept, count, mean, got count, mean, more"
    );
}

/// Its init cannot be called.
struct Failing;

impl Functions for Failing {
    fn init(&self, _: &Tensor) -> Result<Slots> {
        Err(Error::State { op: "test", reason: "no init".into() })
    }

    fn update(&self, update: Tensor, kept: Slots, _: &UpdateTarget, _: &BTreeMap<String, f64>) -> Result<Passing> {
        Ok((update, kept))
    }
}

#[test]
fn an_init_that_fails_is_told_with_what_it_was_called_with() {
    let rule = Rule::Custom(Custom::new(Rc::new(Failing), BTreeMap::new()));
    let error = step(&rule, &Kept::new()).err().unwrap().to_string();
    assert_eq!(error, "of: init of zeros, which have a parameter's shape [2]: test: no init");
}

#[test]
fn functions_that_the_loop_gave_are_not_taken_for_those_of_setup() {
    let of = |rule: Rule| match rule {
        Rule::Custom(custom) => custom,
        _ => panic!("it is one"),
    };
    let made = of(rule(false, |slots| slots));
    let mut remembered = made.clone();
    remembered.forget_functions();
    remembered.find_functions(&made);
    assert!(remembered.functions().is_ok());
    remembered.note_loop();
    let text = serde_json::to_string(&remembered).unwrap();
    assert_eq!(text, r#"{"hyperparameters":{},"is_of_the_loop":true}"#);
    let mut read: Custom = serde_json::from_str(&text).unwrap();
    read.find_functions(&made);
    assert!(read.functions().is_err());
    assert_eq!(serde_json::to_string(&made).unwrap(), r#"{"hyperparameters":{}}"#);
}
