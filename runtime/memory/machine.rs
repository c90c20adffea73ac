//! How much memory the machine has, and how much of it is left for this process: what the system, the control groups
//! that the process is in, and its own limit of addresses say. Only Linux says so; elsewhere nothing is known. Knows of
//! no tensors.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Left for whatever else the process takes: stacks, buffers, the values of Lua.
const SPARE: u64 = 256 << 20;

/// Where the control groups are mounted: the second version's, and the first version's for memory.
const MOUNTS: [&str; 2] = ["/sys/fs/cgroup", "/sys/fs/cgroup/memory"];

/// Nine tenths of what the process may take of the machine's memory, where that is known: more would end it.
pub fn machine_budget() -> Option<usize> {
    let limits =
        groups().into_iter().map(|group| group.limit).chain(of_machine()).chain(addresses().map(|(most, _)| most));
    limits.min().and_then(|bytes| usize::try_from(bytes / 10 * 9).ok())
}

/// Bytes of the machine's memory, where the system tells it.
pub fn of_machine() -> Option<u64> {
    kibibytes(&fs::read_to_string("/proc/meminfo").ok()?, "MemTotal")
}

/// Bytes that the process can still take, where that is known. To ask costs some 50 µs.
pub(super) fn left() -> Option<u64> {
    let free = fs::read_to_string("/proc/meminfo").ok().and_then(|text| kibibytes(&text, "MemAvailable"));
    let in_groups = groups().into_iter().map(|group| group.limit.saturating_sub(group.used));
    let addresses = addresses().map(|(most, used)| most.saturating_sub(used));
    free.into_iter().chain(in_groups).chain(addresses).min().map(|bytes| bytes.saturating_sub(SPARE))
}

/// The limit of the process's addresses, if there is one, and how many it uses.
fn addresses() -> Option<(u64, u64)> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    let most = line.split_whitespace().next()?.parse().ok()?;
    let used = kibibytes(&fs::read_to_string("/proc/self/status").ok()?, "VmSize")?;
    Some((most, used))
}

/// The bytes in a line such as `MemTotal:  24576 kB`.
fn kibibytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
}

/// A control group that limits its processes' memory.
struct Group {
    limit: u64,
    used: u64,
}

/// The process's group and those around it that have a limit. A container sees its own one as the root.
fn groups() -> Vec<Group> {
    let text = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let [second, first] = MOUNTS.map(PathBuf::from);
    let of_line = |line: &str| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, path) = (parts.next()?, parts.next()?.trim_start_matches('/').to_owned());
        let is_first = controllers.split(',').any(|controller| controller == "memory");
        (is_first || controllers.is_empty())
            .then(|| if is_first { (first.clone(), path) } else { (second.clone(), path) })
    };
    let folders = text.lines().filter_map(of_line).flat_map(|(mount, path)| {
        let around: Vec<_> = Path::new(&path).ancestors().map(|folder| mount.join(folder)).collect();
        around
    });
    folders.filter_map(|folder| group(&folder)).collect()
}

fn group(folder: &Path) -> Option<Group> {
    let number = |name: &str| fs::read_to_string(folder.join(name)).ok()?.trim().parse::<u64>().ok();
    let limit = number("memory.max").or_else(|| number("memory.limit_in_bytes"))?;
    let used = number("memory.current").or_else(|| number("memory.usage_in_bytes"))?;
    // Pages of files are given back where memory is wanted.
    let statistics = fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
    let of = |name: &str| statistics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok());
    let files = of("total_inactive_file ").or_else(|| of("inactive_file ")).unwrap_or(0);
    Some(Group { limit, used: used.saturating_sub(files) })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_less_than_what_there_is() {
        let (all, left) = (of_machine().unwrap(), left().unwrap());
        assert!(left < all, "{left} of {all}");
        assert!(machine_budget().unwrap() < usize::try_from(all).unwrap());
    }

    #[test]
    fn a_group_says_its_limit_and_what_is_no_file_of_its_use() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        assert!(group(folder.path()).is_none());
        write("memory.max", "max\n");
        write("memory.current", "900\n");
        assert!(group(folder.path()).is_none(), "no limit is none");
        write("memory.max", "1000\n");
        write("memory.stat", "anon 500\ninactive_file 300\n");
        let found = group(folder.path()).unwrap();
        assert_eq!((found.limit, found.used), (1000, 600));
    }

    #[test]
    fn a_line_of_the_system_is_in_kibibytes() {
        assert_eq!(kibibytes("MemTotal:       24 kB\nMemFree: 1 kB", "MemTotal"), Some(24 * 1024));
        assert_eq!(kibibytes("MemTotalX: 1 kB", "MemTotal"), None);
    }
}
