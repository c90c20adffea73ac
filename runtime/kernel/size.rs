//! How many workgroups a launch has.

use crate::gpu::{Interface, rows};

/// How large a launch is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    /// A thread for each element of the first output; where that is an array of vectors, for each vector. Where one dim
    /// of workgroups is too short for them, and `main` takes `num_workgroups`, they lie in rows: the thread's number is
    /// `id.y * num_workgroups.x * threads + id.x`.
    #[default]
    Derived,
    /// At least so many threads in x, y and z: whole workgroups.
    Threads([usize; 3]),
    /// So many workgroups in x, y and z.
    Groups([usize; 3]),
}

impl Size {
    /// The workgroups for an output of so many elements, `most` of them in one dim.
    ///
    /// # Errors
    /// There is nothing to derive them from: a workgroup that is a plane or a block.
    pub(super) fn groups(self, interface: &Interface, elements: usize, most: u32) -> Result<[u32; 3], String> {
        let side = interface.workgroup.map(|side| side as usize);
        let groups = match self {
            Self::Groups(groups) => groups,
            Self::Threads(threads) => std::array::from_fn(|dim| threads[dim].div_ceil(side[dim])),
            Self::Derived if side[1] * side[2] == 1 && interface.knows_groups => {
                return Ok(rows(elements, interface.threads(), most));
            }
            Self::Derived if side[1] * side[2] == 1 => [elements.div_ceil(side[0]), 1, 1],
            Self::Derived => {
                return Err(format!(
                    "its workgroup has more than one dim, {side:?}, so say how many threads or groups it needs"
                ));
            }
        };
        // What does not fit is over every device's limit, which the launch checks.
        Ok(groups.map(|count| u32::try_from(count).unwrap_or(u32::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::Source;

    fn groups(side: &str, size: Size, elements: usize) -> Result<[u32; 3], String> {
        let text = format!(
            "@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size({side}) fn main() {{ y[0] = 1.0; }}"
        );
        size.groups(&Interface::of(&Source::built_in("k.wgsl", &text), &[]).unwrap(), elements, 100)
    }

    #[test]
    fn a_kernel_that_knows_the_number_of_workgroups_gets_rows_of_them() {
        let text = "@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(num_workgroups) groups: vec3u) { y[groups.x] = 1.0; }";
        let interface = Interface::of(&Source::built_in("k.wgsl", text), &[]).unwrap();
        assert_eq!(Size::Derived.groups(&interface, 6400, 100), Ok([100, 1, 1]));
        assert_eq!(Size::Derived.groups(&interface, 6401, 100), Ok([100, 2, 1]));
    }

    #[test]
    fn a_row_of_threads_covers_the_output_and_other_forms_are_given() {
        assert_eq!(groups("64", Size::Derived, 129), Ok([3, 1, 1]));
        assert_eq!(groups("8, 8", Size::Threads([17, 8, 2]), 1), Ok([3, 1, 2]));
        assert_eq!(groups("8, 8", Size::Groups([1, 2, 3]), 1), Ok([1, 2, 3]));
        let refused = groups("8, 4, 2", Size::Derived, 9).unwrap_err();
        assert_eq!(
            refused,
            "its workgroup has more than one dim, [8, 4, 2], so say how many threads or groups it needs"
        );
    }
}
