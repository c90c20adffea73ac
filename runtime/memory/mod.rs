//! Accounts for the bytes of live tensors, which Lua's collector cannot see, and says when collecting is due and
//! whether there is room for what is large. The accounts are those of the thread that runs the script, since a VM and
//! its tensors stay on one thread. Keeps blocks of memory for the next tensors of the whole process. Knows of bytes only,
//! of no tensor and no device.
//!
//! Described in `runtime/book/10-memory.md`.

mod machine;
mod pages;
mod pool;

pub use machine::{machine_budget, of_machine};
pub use pool::held;
pub(crate) use pool::{Block, LEAST};

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use crate::{Error, Result};

/// Tensor bytes of the calling thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Bytes of tensors that are alive.
    pub live: usize,
    /// The most that `live` has been.
    pub peak: usize,
    /// Bytes made since garbage was last collected: an upper bound on what a collection could free. It counts what
    /// an operation keeps for its gradient, too, since that was made as well.
    pub made: usize,
    /// The most that `live` may be.
    pub budget: usize,
}

/// What may be made between two collections where nobody set a budget.
const DEFAULT_PRESSURE: usize = 256 << 20;

/// From so many bytes on, room is looked for before they are taken. Smaller tensors are dealt with after they were
/// made.
const LARGE: usize = 64 << 20;

const OF_BUDGET: &str = "of the memory budget; set_memory_budget changes it";

/// Frees what nobody can reach any more.
type Collect = dyn Fn();

thread_local! {
    /// Who has garbage to collect.
    static COLLECTORS: RefCell<Vec<Weak<Collect>>> = const { RefCell::new(Vec::new()) };
    /// Whether tensors are in the machine's own memory.
    static ON_MACHINE: Cell<bool> = const { Cell::new(false) };
    static ACCOUNT: Cell<Account> = const { Cell::new(Account { live: 0, peak: 0, made: 0, budget: usize::MAX }) };
}

fn update(change: impl FnOnce(&mut Account)) {
    // A tensor may be dropped while the thread's own storage is being torn down.
    let _ = ACCOUNT.try_with(|cell| {
        let mut account = cell.get();
        change(&mut account);
        cell.set(account);
    });
}

/// The account of the calling thread.
pub fn account() -> Account {
    ACCOUNT.with(Cell::get)
}

/// Limits the live bytes of the calling thread's tensors.
pub fn set_budget(bytes: usize) {
    update(|account| account.budget = bytes);
}

/// Brings back, when it is dropped, the budget that there was when it was made.
pub struct BudgetScope {
    budget: usize,
    on_machine: bool,
}

impl BudgetScope {
    /// Remembers the calling thread's budget. Until it ends, tensors are made in the machine's own memory, or in a
    /// GPU's.
    pub fn new(on_machine: bool) -> Self {
        Self { budget: account().budget, on_machine: ON_MACHINE.replace(on_machine) }
    }
}

impl Drop for BudgetScope {
    fn drop(&mut self) {
        set_budget(self.budget);
        ON_MACHINE.set(self.on_machine);
    }
}

/// Somebody who has garbage to collect, for as long as it exists.
pub struct Collector {
    _collect: Rc<Collect>,
}

impl Collector {
    /// `collect` frees tensors that nobody can reach any more.
    pub fn new(collect: impl Fn() + 'static) -> Self {
        let collect: Rc<Collect> = Rc::new(collect);
        COLLECTORS.with_borrow_mut(|known| {
            known.retain(|known| known.strong_count() > 0);
            known.push(Rc::downgrade(&collect));
        });
        Self { _collect: collect }
    }
}

/// Starts measuring the peak anew.
pub fn reset_peak() {
    update(|account| account.peak = account.live);
}

/// Whether enough was made since the last collection that collecting garbage is due.
pub fn is_pressing() -> bool {
    let account = account();
    account.live > account.budget || account.made > DEFAULT_PRESSURE.min(account.budget / 4)
}

/// Notes that garbage has just been collected.
pub fn collected() {
    update(|account| account.made = 0);
}

/// An error if the live bytes exceed the budget. Call it after collecting.
pub fn check_budget() -> Result<()> {
    let Account { live, budget, .. } = account();
    if live > budget { Err(Error::OverBudget { live, budget }) } else { Ok(()) }
}

/// An error unless this many more bytes fit into the budget and, on the CPU, into the machine. Memory that is not there
/// is never asked for, since a system without memory ends the process. Garbage is collected where that may help, and
/// blocks that are held go back to the system.
pub(crate) fn check_room(op: &str, bytes: usize) -> Result<()> {
    check_alone(op, bytes)?;
    if bytes < LARGE || room_for(op, bytes).is_ok() {
        return Ok(());
    }
    let collectors = COLLECTORS.with_borrow(Clone::clone);
    collectors.iter().filter_map(Weak::upgrade).for_each(|collect| collect());
    room_for(op, bytes)
}

/// An error where so many bytes are over the budget by themselves, however few others there are.
pub(crate) fn check_alone(op: &str, bytes: usize) -> Result<()> {
    let Account { live, budget, .. } = account();
    let (wanted, left, live) = (bytes as u64, budget.saturating_sub(live) as u64, live as u64);
    if bytes > budget { Err(Error::NoRoom { op: op.into(), wanted, left, live, advice: OF_BUDGET }) } else { Ok(()) }
}

fn room_for(op: &str, bytes: usize) -> Result<()> {
    let Account { live, budget, .. } = account();
    let wanted = bytes as u64;
    let refused = |left: u64, advice| Error::NoRoom { op: op.into(), wanted, left, live: live as u64, advice };
    if live.saturating_add(bytes) > budget {
        return Err(refused(budget.saturating_sub(live) as u64, OF_BUDGET));
    }
    if ON_MACHINE.get() { check_machine(op, bytes) } else { Ok(()) }
}

/// An error unless this many more bytes fit into the machine. For memory of something other than tensors, so the budget
/// for tensors does not count.
pub(crate) fn check_machine(op: &str, bytes: usize) -> Result<()> {
    let (wanted, live) = (bytes as u64, account().live as u64);
    let left = || {
        let left = machine::left()?;
        if wanted <= left || pool::held() == 0 {
            return Some(left);
        }
        pool::release();
        machine::left()
    };
    match (bytes >= LARGE).then(left).flatten() {
        Some(left) if wanted > left => {
            let advice = "on this machine; take a smaller size, batch or model";
            Err(Error::NoRoom { op: op.into(), wanted, left, live, advice })
        }
        _ => Ok(()),
    }
}

/// An empty list with room for so many values.
///
/// # Errors
/// There is none for them.
pub(crate) fn list<T>(op: &str, count: usize) -> Result<Vec<T>> {
    let bytes = count.saturating_mul(size_of::<T>());
    check_room(op, bytes)?;
    let mut list = Vec::new();
    let refused = |_| {
        let Account { live, .. } = account();
        let advice = "as the system refuses it; take a smaller size, batch or model";
        Error::NoRoom { op: op.into(), wanted: bytes as u64, left: 0, live: live as u64, advice }
    };
    list.try_reserve_exact(count).map_err(refused)?;
    Ok(list)
}

/// Counts some bytes as live for as long as it exists.
pub(crate) struct Lease(usize);

impl Lease {
    pub(crate) fn new(bytes: usize) -> Self {
        update(|account| {
            account.live += bytes;
            account.made = account.made.saturating_add(bytes);
            account.peak = account.peak.max(account.live);
        });
        Self(bytes)
    }

    /// How many.
    pub(crate) fn bytes(&self) -> usize {
        self.0
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        update(|account| account.live -= self.0);
    }
}
