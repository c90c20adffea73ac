//! A long run stays flat: the accounted bytes of tensors and the memory of the process.

use std::{cell::RefCell, fs, rc::Rc};

use moonburn::{Engine, Settings};

const BUDGET: usize = 4 << 20;
const STEPS: usize = 10_000;

/// Each step drops tensors of 64 KB: plain ones, a tape that no backward pass uses up, one that a backward pass does,
/// ones held by a closure in a cycle and by a coroutine that never ends.
const SCRIPT: &str = r#"
local mb = require "moonburn"
mb.set_memory_budget(mb.budget())
local weight = mb.randn(128, 128):requires_grad()
for step = 1, mb.steps() do
  local hidden = (weight * step):tanh()
  local loss = (hidden * hidden + 1):mean()
  if step % 2 == 0 then mb.grad(loss, { weight }) end
  local cycle = {}
  cycle.hold = function() return cycle, hidden end
  local waiting = coroutine.wrap(function() coroutine.yield(hidden * 2) end)
  waiting()
  if step % 1000 == 0 then
    local memory = mb.memory()
    mb.note(memory.live, memory.peak)
  end
end
"#;

struct Sample {
    live: usize,
    peak: usize,
    resident: Option<usize>,
}

#[test]
fn ten_thousand_steps_that_make_garbage_stay_flat() {
    let samples = Rc::new(RefCell::new(Vec::new()));
    let noted = samples.clone();
    let mut engine = Engine::new();
    engine.function("budget()", "The budget.", || Ok(BUDGET));
    engine.function("steps()", "How many steps to do.", || Ok(STEPS));
    engine.function("note(live, peak)", "Takes a sample.", move |live: usize, peak: usize| {
        noted.borrow_mut().push(Sample { live, peak, resident: resident_bytes() });
        Ok(())
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("garbage.lua");
    fs::write(&file, SCRIPT).unwrap();
    engine.run_file(&Settings::new(file)).unwrap();

    let samples = samples.borrow();
    assert_eq!(samples.len(), 10);
    let first = &samples[0];
    for sample in samples.iter() {
        assert_eq!(sample.live, first.live, "the same tensors are alive after every thousand steps");
        assert!(sample.peak < BUDGET / 2, "the peak {} is well below the budget", sample.peak);
        if let (Some(now), Some(before)) = (sample.resident, first.resident) {
            // 9,000 steps make 4 GB of garbage; an allocator's slack is a few MB.
            assert!(now < before + (32 << 20), "the process grew from {before} to {now} bytes");
        }
    }
}

/// Bytes of the process that are in memory, where the system says so.
fn resident_bytes() -> Option<usize> {
    let pages: usize = fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}
