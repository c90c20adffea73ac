//! What Burn and wgpu say when a device fails, as errors of our own. They tell it by text alone, many lines of it.

use crate::{Error, memory};

/// How texts begin that say that there is no memory; a number of bytes may follow.
const NO_MEMORY: [&str; 4] = ["can't allocate buffer of size: ", "out of memory", "not enough memory", "outofmemory"];

/// The error that a text is about; `what` was being done.
pub(crate) fn of_text(what: &str, text: &str) -> Error {
    out_of_memory(text).unwrap_or_else(|| Error::Device(format!("{what} failed: {}", line(text))))
}

/// An error where the text says that the device has no memory left.
pub(crate) fn out_of_memory(text: &str) -> Option<Error> {
    let lower = text.to_lowercase();
    let (place, said) = NO_MEMORY.into_iter().find_map(|said| Some((lower.find(said)?, said)))?;
    let digits: String = lower[place + said.len()..].chars().take_while(char::is_ascii_digit).collect();
    Some(Error::OutOfMemory { asked: digits.parse().ok(), live: memory::account().live as u64 })
}

/// The last cause, which is what went wrong. The causes before it say what failed because of it.
fn line(text: &str) -> &str {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut told = lines.filter(|line| !matches!(*line, "Caused by:" | "Asked at:" | "No backtrace available"));
    told.next_back().unwrap_or("the device gives no reason")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Burn 0.22.1 says on software Vulkan.
    const NO_ROOM: &str = "An error happened during execution\nCaused by:\n  Several failures at once\nCaused by:\n  \
                           An IO error happened\nCaused by:\n  can't allocate buffer of size: 1073741824\nNo backtrace \
                           available\nAsked at:\nNo backtrace available";

    #[test]
    fn memory_that_is_not_there_says_how_much_was_asked_for() {
        let Error::OutOfMemory { asked, .. } = of_text("reading a tensor", NO_ROOM) else { panic!("another error") };
        assert_eq!(asked, Some(1 << 30));
        let of_wgpu = of_text("update", "wgpu error: Out of Memory");
        assert!(matches!(of_wgpu, Error::OutOfMemory { asked: None, .. }), "{of_wgpu}");
    }

    #[test]
    fn another_failure_is_told_by_its_last_cause() {
        let lost =
            "An error happened\nCaused by:\n  the device was lost (Unknown): driver reset\nNo backtrace available";
        let error = of_text("reading a tensor", lost).to_string();
        assert_eq!(error, "device: reading a tensor failed: the device was lost (Unknown): driver reset");
    }
}
