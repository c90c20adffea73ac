//! Accounts for the bytes of live tensors, which Lua's collector cannot see, and says when collecting is due.
//! The accounts are those of the thread that runs the script, since a VM and its tensors stay on one thread.

use std::cell::Cell;

use crate::{Error, Result, error::gibibytes};

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

thread_local! {
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
pub struct BudgetScope(usize);

impl BudgetScope {
    /// Remembers the calling thread's budget.
    pub fn new() -> Self {
        Self(account().budget)
    }
}

impl Default for BudgetScope {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for BudgetScope {
    fn drop(&mut self) {
        set_budget(self.0);
    }
}

/// Nine tenths of the machine's memory, where the system tells it (Linux): more would end the process.
pub fn machine_budget() -> Option<usize> {
    of_machine().and_then(|bytes| usize::try_from(bytes / 10 * 9).ok())
}

/// Bytes of the machine's memory, where the system tells it (Linux).
pub fn of_machine() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let kibibytes: u64 = text.lines().next()?.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
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

/// Why a tensor of so many elements is never made, however few others there are.
pub(super) fn alone_over_budget(elements: usize) -> String {
    let Account { live, budget, .. } = account();
    format!(
        "the tensor alone is over the memory budget: it takes {}, the budget is {}, and {} are in use (set_memory_budget \
         changes it)",
        gibibytes((elements as u64).saturating_mul(4)),
        gibibytes(budget as u64),
        gibibytes(live as u64)
    )
}

/// Counts some bytes as live for as long as it exists.
pub(super) struct Lease(usize);

impl Lease {
    pub(super) fn new(bytes: usize) -> Self {
        update(|account| {
            account.live += bytes;
            account.made = account.made.saturating_add(bytes);
            account.peak = account.peak.max(account.live);
        });
        Self(bytes)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        update(|account| account.live -= self.0);
    }
}
