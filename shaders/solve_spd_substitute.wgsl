// X with L·Lᵀ·X = B. factor [count, size, size], right [count, size, columns], solution [count, size, columns].
// A thread per column: forward substitution from the first row down, then backward from the last row up.

struct Options {
    count: u32,
    size: u32,
    columns: u32,
}

@group(0) @binding(0) var<storage, read> factor: array<f32>;
@group(0) @binding(1) var<storage, read> right: array<f32>;
@group(0) @binding(2) var<storage, read_write> solution: array<f32>;
@group(0) @binding(3) var<uniform> options: Options;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * 64u + id.x;
    if index >= options.count * options.columns {
        return;
    }
    let size = options.size;
    let columns = options.columns;
    let number = index / columns;
    let matrix = number * size * size;
    let start = number * size * columns + index % columns;
    for (var row = 0u; row < size; row++) {
        var sum = right[start + row * columns];
        for (var k = 0u; k < row; k++) {
            sum -= factor[matrix + row * size + k] * solution[start + k * columns];
        }
        solution[start + row * columns] = sum / factor[matrix + row * size + row];
    }
    for (var i = 0u; i < size; i++) {
        let row = size - 1u - i;
        var sum = solution[start + row * columns];
        for (var k = row + 1u; k < size; k++) {
            sum -= factor[matrix + k * size + row] * solution[start + k * columns];
        }
        solution[start + row * columns] = sum / factor[matrix + row * size + row];
    }
}
