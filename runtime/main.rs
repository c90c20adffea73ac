//! The command line's binary. All of it is the room `cli/`.

#![warn(clippy::unwrap_used)]

mod cli;

fn main() -> std::process::ExitCode {
    cli::keep_freed();
    // SAFETY: no other thread has been started yet.
    unsafe { moonburn::device::silence_device_select() };
    cli::main()
}
