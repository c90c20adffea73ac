// The gradient of squared distances by one side: output[b, i, d] = Σ_j 2·by_distance[b, i, j]·(rows[b, i, d] − others[b, j, d]).
// rows [count, size, width], others [count, other_size, width], output [count, size, width]. by_distance has `size` times
// `other_size` numbers per b; the strides say how they lie, so the other side's gradient is the same with them swapped.

struct Options {
    count: u32,
    size: u32,
    other_size: u32,
    width: u32,
    stride: u32,
    other_stride: u32,
}

@group(0) @binding(0) var<storage, read> rows: array<f32>;
@group(0) @binding(1) var<storage, read> others: array<f32>;
@group(0) @binding(2) var<storage, read> by_distance: array<f32>;
@group(0) @binding(3) var<storage, read_write> output: array<f32>;
@group(0) @binding(4) var<uniform> options: Options;

const BLOCK = 64u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * 64u + id.x;
    if index >= options.count * options.size * options.width {
        return;
    }
    let d = index % options.width;
    let row = index / options.width % options.size;
    let number = index / options.width / options.size;
    let weights = number * options.size * options.other_size + row * options.stride;
    let value = rows[index];
    var sum = 0.0;
    // A sum of sums of few: an error grows with the number of terms that are added one after another.
    for (var first = 0u; first < options.other_size; first += BLOCK) {
        var part = 0.0;
        for (var j = first; j < min(first + BLOCK, options.other_size); j++) {
            let other = others[(number * options.other_size + j) * options.width + d];
            part += by_distance[weights + j * options.other_stride] * (value - other);
        }
        sum += part;
    }
    output[index] = 2.0 * sum;
}
