// y[i] = i + first, without an input.

struct Options {
    first: i32,
}

@group(0) @binding(0) var<storage, read_write> y: array<i32>;
@group(0) @binding(1) var<uniform> options: Options;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if id.x >= arrayLength(&y) {
        return;
    }
    y[id.x] = i32(id.x) + options.first;
}
