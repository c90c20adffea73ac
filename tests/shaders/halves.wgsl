// y = 2 · x + shift in halves; a thread per element.
enable f16;

struct Options {
    shift: f16,
}

@group(0) @binding(0) var<storage, read> x: array<f16>;
@group(0) @binding(1) var<storage, read_write> y: array<f16>;
@group(0) @binding(2) var<uniform> options: Options;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if id.x >= arrayLength(&x) {
        return;
    }
    y[id.x] = 2.0h * x[id.x] + options.shift;
}
