// A = L·Lᵀ for symmetric positive definite A, of which the lower triangle is read. The upper triangle of L is 0.
// matrix [count, size, size], factor [count, size, size]. A workgroup per matrix; left-looking, column by column.
// A pivot that is not above float32's rounding of its diagonal entry makes the rest of the factor `not_definite`; the
// first one of each matrix is found [count, 2], its position from 1 and its value, 0 and 0 where there is none.

struct Options {
    count: u32,
    size: u32,
    tolerance: f32,
    not_definite: f32,
}

@group(0) @binding(0) var<storage, read> matrix: array<f32>;
@group(0) @binding(1) var<storage, read_write> factor: array<f32>;
@group(0) @binding(2) var<storage, read_write> found: array<f32>;
@group(0) @binding(3) var<uniform> options: Options;

const THREADS = 128u;

var<workgroup> scale: f32;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
    let number = group.y * groups.x + group.x;
    if number >= options.count {
        return;
    }
    let size = options.size;
    let start = number * size * size;
    var is_definite = true;
    if thread == 0u {
        found[number * 2u] = 0.0;
        found[number * 2u + 1u] = 0.0;
    }
    for (var column = 0u; column < size; column++) {
        let pivot_row = start + column * size;
        for (var row = thread; row < size; row += THREADS) {
            let this_row = start + row * size;
            var sum = 0.0;
            if row >= column {
                sum = matrix[this_row + column];
                for (var k = 0u; k < column; k++) {
                    sum -= factor[this_row + k] * factor[pivot_row + k];
                }
            }
            factor[this_row + column] = sum;
        }
        storageBarrier();
        workgroupBarrier();
        if thread == 0u {
            let pivot = factor[pivot_row + column];
            let definite = pivot > options.tolerance * matrix[pivot_row + column];
            scale = select(options.not_definite, inverseSqrt(pivot), definite);
            if is_definite && !definite {
                is_definite = false;
                found[number * 2u] = f32(column + 1u);
                found[number * 2u + 1u] = pivot;
            }
        }
        workgroupBarrier();
        for (var row = column + thread; row < size; row += THREADS) {
            factor[start + row * size + column] *= scale;
        }
        storageBarrier();
        workgroupBarrier();
    }
}
