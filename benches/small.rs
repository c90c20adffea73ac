//! What operations on four elements cost from Lua, 100,000 calls of each on the CPU, beside PyTorch's eager ones on one
//! thread: turn by turn, medians, the empty loop of either language taken off. `benches/small.py` is the other side;
//! without torch its columns are empty. `cargo bench --bench small`.

mod peer;

use std::{cell::RefCell, path::Path, rc::Rc};

use moonburn::{Engine, Settings};
use peer::Peer;

/// The nanoseconds of an operation in each turn.
#[derive(Default)]
struct Times {
    name: String,
    ours: Vec<f64>,
    theirs: Vec<f64>,
}

fn median(times: &[f64]) -> Option<f64> {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches");
    let theirs = Rc::new(RefCell::new(Peer::start("small.py", &[])));
    let all: Rc<RefCell<Vec<Times>>> = Rc::default();

    let mut engine = Engine::new();
    let (process, turns) = (theirs.clone(), all.clone());
    let turn = move |name: String, ns: f64, calls: usize, counts: bool| {
        let theirs = process.borrow_mut().as_mut().and_then(|theirs| theirs.ask::<1>(&format!("{name} {calls}")));
        let mut turns = turns.borrow_mut();
        let known = turns.iter().position(|times| times.name == name);
        let place = known.unwrap_or(turns.len());
        if known.is_none() {
            turns.push(Times { name, ..Times::default() });
        }
        if counts {
            turns[place].ours.push(ns);
            turns[place].theirs.extend(theirs.iter().flatten());
        }
        Ok(())
    };
    engine.function("bench.turn(name, ns, calls, counts)", "Takes a time, and asks for PyTorch's.", turn);
    engine.run_file(&Settings::new(folder.join("small.lua")))?;
    if let Some(theirs) = theirs.take() {
        theirs.end();
    }

    let all = all.borrow();
    let of_loop = all.first().map(|times| (median(&times.ours), median(&times.theirs)));
    let (our_loop, their_loop) = of_loop.unwrap_or_default();
    println!("| what | ours, ns | PyTorch, ns | times |\n|---|---|---|---|");
    for times in all.iter() {
        let is_loop = times.name == "loop";
        let alone = |time: Option<f64>, empty: Option<f64>| Some(time? - if is_loop { 0.0 } else { empty? });
        let (ours, theirs) = (alone(median(&times.ours), our_loop), alone(median(&times.theirs), their_loop));
        let shown = |value: Option<f64>, digits| value.map_or_else(|| "-".into(), |value| format!("{value:.digits$}"));
        let ratio = ours.zip(theirs).map(|(ours, theirs)| ours / theirs);
        println!("| {} | {} | {} | {} |", times.name, shown(ours, 0), shown(theirs, 0), shown(ratio, 2));
    }
    Ok(())
}
