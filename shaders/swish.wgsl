// y = x · σ(beta · x), elementwise.
// include: logistic.wgsl

struct Options {
    beta: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> options: Options;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = id.y * groups.x * 64u + id.x;
    if i >= arrayLength(&x) {
        return;
    }
    y[i] = x[i] * logistic(options.beta * x[i]);
}
