// y = x · σ(beta · x), elementwise.
// include: logistic.wgsl

struct Options {
    beta: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> options: Options;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if id.x >= arrayLength(&x) {
        return;
    }
    y[id.x] = x[id.x] * logistic(options.beta * x[id.x]);
}
