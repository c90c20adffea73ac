//! Waiting for a kernel's end, with a limit: a pass cannot be broken off, so one that never ends must be noticed before
//! anything else waits for it. What was submitted before a kernel may take its time; the kernel itself may not.

use std::{
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use super::health;
use crate::{Error, Result, guard::guard};

/// The most launches that nobody has waited for yet. Beyond this number the oldest is waited for.
const MOST_PENDING: usize = 256;

/// What hands work over that is held back.
static HELD_BACK: OnceLock<fn() -> Result<()>> = OnceLock::new();

static PENDING: Mutex<Vec<Pending>> = Mutex::new(Vec::new());

/// A launch, and what was submitted right before it.
pub struct Pending {
    pub device: wgpu::Device,
    pub before: wgpu::SubmissionIndex,
    pub own: wgpu::SubmissionIndex,
    pub kernel: String,
    pub limit: Duration,
}

impl Pending {
    /// Waits for the kernel's end.
    ///
    /// # Errors
    /// It takes longer than the limit: the device is given up then. The device was lost.
    pub fn wait(self) -> Result<()> {
        let refuse = |reason: String| Error::Kernel { kernel: self.kernel.clone(), reason };
        poll(&self.device, self.before, None).map_err(refuse)?;
        if poll(&self.device, self.own, Some(self.limit)).map_err(refuse)? {
            return Ok(());
        }
        let seconds = self.limit.as_secs_f64();
        health::give_up(&self.device, format!("{} did not end within {seconds} s", self.kernel));
        Err(refuse(format!(
            "did not end within {seconds} s: a kernel cannot be broken off, so this process cannot use the device any \
             more and must be ended (a driver that shows a picture resets the device after some seconds, others let it \
             run on); 'limit' allows more"
        )))
    }

    /// Leaves the waiting to whoever reads from the device next.
    ///
    /// # Errors
    /// As [`Pending::wait`] of an earlier launch.
    pub fn leave(self) -> Result<()> {
        let mut pending = pending();
        pending.push(self);
        let first = (pending.len() > MOST_PENDING).then(|| pending.remove(0));
        drop(pending);
        first.map_or(Ok(()), Self::wait)
    }
}

/// Has something that holds work back called before anything waits for a device.
pub(crate) fn hand_over_first(hand_over: fn() -> Result<()>) {
    HELD_BACK.get_or_init(|| hand_over);
}

/// Hands over what is held back.
///
/// # Errors
/// A device refuses it.
pub(crate) fn hand_over() -> Result<()> {
    HELD_BACK.get().map_or(Ok(()), |hand_over| hand_over())
}

/// Waits for the launches on a device that nobody has waited for: before something is read from it. What is held back
/// is handed over first.
///
/// # Errors
/// As [`Pending::wait`]; the device was given up before.
pub(crate) fn settle(device: &wgpu::Device) -> Result<()> {
    // Where a device refuses it, this one or another, it is given up, and its check says so.
    let _ = hand_over();
    health::check(device)?;
    let mut pending = pending();
    if pending.is_empty() {
        return Ok(());
    }
    let (own, others) = std::mem::take(&mut *pending).into_iter().partition(|launch| launch.device == *device);
    *pending = others;
    drop(pending);
    let own: Vec<Pending> = own;
    own.into_iter().try_for_each(Pending::wait)
}

fn pending() -> std::sync::MutexGuard<'static, Vec<Pending>> {
    PENDING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a submission is done, after the timeout at the latest.
fn poll(device: &wgpu::Device, submission: wgpu::SubmissionIndex, timeout: Option<Duration>) -> Result<bool, String> {
    let wait = wgpu::PollType::Wait { submission_index: Some(submission), timeout };
    // wgpu panics where the device is lost.
    match guard("kernel", || Ok(device.poll(wait))) {
        Ok(Ok(_)) => Ok(true),
        Ok(Err(wgpu::PollError::Timeout)) => Ok(false),
        Ok(Err(wgpu::PollError::WrongSubmissionIndex(..))) | Err(_) => Err(health::LOST.into()),
    }
}
