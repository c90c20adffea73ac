//! Launches that were recorded and not yet submitted: several go to the queue as one encoder, with one submission, one
//! write of their scalars and one set of error scopes.
//!
//! Burn submits to the same queue whenever it likes, so a launch may only be held back while nothing of Burn's depends on
//! it. What it reads is held meanwhile and written by nobody, and what it writes is new memory; so the first operation of
//! Burn's that asks for *any* tensor ends the batch (`Tensor::raw`), and so does every wait for the device. Tensors never
//! leave their thread, and a batch is a thread's.

use std::cell::{Cell, RefCell};

use super::{Context, counts::count, recorded::Recorded, uniforms::Uniforms};
use crate::{
    Error, Result,
    device::{health, patience},
    guard::guard,
    memory,
};

/// Launches of one batch. More would keep the device idle, and memory from being used again, for longer.
const MOST: usize = 32;

#[derive(Default)]
struct Batch {
    on: Option<Context>,
    launches: Vec<Recorded>,
    uniforms: Uniforms,
}

thread_local! {
    static BATCH: RefCell<Batch> = RefCell::default();
    /// How many launches the batch has.
    static HELD: Cell<usize> = const { Cell::new(0) };
}

/// Holds a launch back, until [`hand_over`] or until there are many.
///
/// # Errors
/// As [`hand_over`], of the launches before it too.
pub(super) fn hold(on: &Context, launch: Recorded) -> Result<()> {
    patience::hand_over_first(hand_over);
    let is_elsewhere = BATCH.with_borrow(|batch| batch.on.as_ref().is_some_and(|other| other.device != on.device));
    if is_elsewhere {
        // Where the other device fails, it is given up, which is none of this one's business.
        let _ = hand_over();
    }
    count(|counts| counts.launches += 1);
    let held = BATCH.with_borrow_mut(|batch| {
        batch.on = Some(on.clone());
        batch.launches.push(launch);
        batch.launches.len()
    });
    HELD.set(held);
    if held >= MOST { hand_over() } else { Ok(()) }
}

/// Hands the launches that are held back to the queue.
///
/// # Errors
/// The device refuses them, or has no memory for them. What hangs on their results would be wrong, and nothing tells what
/// does, so the device is given up.
pub(crate) fn hand_over() -> Result<()> {
    if HELD.get() == 0 {
        return Ok(());
    }
    HELD.set(0);
    let (on, launches) = BATCH.with_borrow_mut(|batch| (batch.on.take(), std::mem::take(&mut batch.launches)));
    let on = on.expect("launches are held for a device");
    // wgpu panics where a device is lost.
    guard("kernel", || submit(&on, &launches)).map(|_| ()).inspect_err(|error| {
        let reason = match error {
            Error::Device(reason) => reason.clone(),
            other => other.to_string(),
        };
        health::give_up(&on.device, reason);
    })
}

/// Hands a launch to the queue at once, after those that are held back.
///
/// # Errors
/// What the device refuses; it has no memory left, or was lost.
pub(super) fn submit_alone(on: &Context, launch: Recorded) -> Result<wgpu::SubmissionIndex> {
    hand_over()?;
    count(|counts| counts.launches += 1);
    guard("kernel", || submit(on, &[launch]))
}

fn submit(on: &Context, launches: &[Recorded]) -> Result<wgpu::SubmissionIndex> {
    let Context { device, queue } = on;
    // What Burn has recorded until now may be what they read.
    let lent = launches.iter().flat_map(|launch| &launch.bound).find_map(|bound| bound.buffer.owner.as_ref());
    lent.map_or(Ok(()), |lent| lent.flush())?;
    let limits = device.limits();
    count(|counts| {
        counts.submissions += 1;
        counts.scopes += 3;
    });
    // Between here and their end nothing returns: scopes close in the opposite order of their opening.
    let memory = [wgpu::ErrorFilter::OutOfMemory].map(|filter| device.push_error_scope(filter));
    let filters = [wgpu::ErrorFilter::Internal, wgpu::ErrorFilter::Validation];
    let scopes = filters.map(|filter| device.push_error_scope(filter));
    let submission = BATCH.with_borrow_mut(|batch| {
        let command = encode(on, launches, &limits, &mut batch.uniforms);
        queue.submit([command])
    });
    let (refused, no_memory) = (health::failure(scopes), health::failure(memory));
    if no_memory.is_some() {
        return Err(Error::OutOfMemory { asked: None, live: memory::account().live as u64 });
    }
    match refused {
        None => Ok(submission),
        Some(_) if health::is_lost(device) => Err(Error::Device(health::LOST.into())),
        Some(reason) => {
            let mut kernels: Vec<_> = launches.iter().map(|launch| launch.kernel.as_str()).collect();
            kernels.dedup();
            Err(Error::Kernel { kernel: kernels.join(", "), reason })
        }
    }
}

fn encode(on: &Context, launches: &[Recorded], limits: &wgpu::Limits, uniforms: &mut Uniforms) -> wgpu::CommandBuffer {
    let device = &on.device;
    uniforms.clear();
    let alignment = limits.min_uniform_buffer_offset_alignment;
    let places =
        launches.iter().map(|launch| launch.scalars.as_ref().map_or(0, |(_, bytes)| uniforms.add(bytes, alignment)));
    let places: Vec<u64> = places.collect();
    let scalars = uniforms.write(device, &on.queue);
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let mut next = 0;
    while next < launches.len() {
        // A pass takes what needs nothing outside of it, or one launch alone.
        let plain = launches[next..].iter().take_while(|launch| launch.is_plain(limits)).count();
        let end = next + plain.max(1);
        let first = &launches[next];
        let copies = if plain == 0 { first.prepare(device, limits, &mut encoder) } else { Vec::new() };
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        for (launch, place) in launches[next..end].iter().zip(&places[next..end]) {
            let group = launch.bind_group(device, &copies, scalars.map(|buffer| (buffer, *place)));
            pass.set_pipeline(&launch.compiled.pipeline);
            pass.set_bind_group(0, &group, &[]);
            pass.dispatch_workgroups(launch.groups[0], launch.groups[1], launch.groups[2]);
        }
        drop(pass);
        first.finish(&copies, &mut encoder);
        next = end;
    }
    encoder.finish()
}
