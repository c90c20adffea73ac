// dL/dx = dL/dy · (σ(beta · x) + beta · y · (1 − σ(beta · x))), for y = x · σ(beta · x).
// include: logistic.wgsl

struct Options {
    beta: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> grad_y: array<f32>;
@group(0) @binding(3) var<storage, read_write> grad_x: array<f32>;
@group(0) @binding(4) var<uniform> options: Options;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = id.y * groups.x * 64u + id.x;
    if i >= arrayLength(&x) {
        return;
    }
    let s = logistic(options.beta * x[i]);
    grad_x[i] = grad_y[i] * (s + options.beta * y[i] * (1.0 - s));
}
