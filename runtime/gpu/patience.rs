//! Waiting for a kernel's end, with a limit: a pass cannot be broken off, so one that never ends must be noticed before
//! anything else waits for it.

use std::time::Duration;

use super::{Context, health};
use crate::guard::guard;

/// Waits until all that was submitted before is done, whatever time that takes.
pub(super) fn wait_for_earlier(context: &Context) -> Result<(), String> {
    poll(context, None, None).map(|_| ())
}

/// Waits for one submission; false where that took longer than the limit, and the device is given up.
pub(super) fn wait(
    context: &Context,
    kernel: &str,
    submission: wgpu::SubmissionIndex,
    limit: Duration,
) -> Result<(), String> {
    if poll(context, Some(submission), Some(limit))? {
        return Ok(());
    }
    let reason = format!("{kernel} did not end within {} s", limit.as_secs_f64());
    health::give_up(&context.device, reason);
    Err(format!(
        "did not end within {} s: a kernel cannot be broken off, so this process cannot use the device any more and must \
         be ended (a driver that shows a picture resets the device after some seconds, others let it run on); 'limit' \
         allows more",
        limit.as_secs_f64()
    ))
}

/// Whether what is waited for is done.
fn poll(
    context: &Context,
    submission_index: Option<wgpu::SubmissionIndex>,
    timeout: Option<Duration>,
) -> Result<bool, String> {
    // wgpu panics where the device is lost.
    let polled = guard("kernel", || Ok(context.device.poll(wgpu::PollType::Wait { submission_index, timeout })));
    match polled {
        Ok(Ok(_)) => Ok(true),
        Ok(Err(wgpu::PollError::Timeout)) => Ok(false),
        Ok(Err(wgpu::PollError::WrongSubmissionIndex(..))) | Err(_) => Err(health::LOST.into()),
    }
}
