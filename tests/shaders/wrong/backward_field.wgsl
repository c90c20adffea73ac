// A gradient of swish with a scalar of its own.
struct Options {
    gamma: f32,
}

@group(0) @binding(0) var<storage, read> grad_y: array<f32>;
@group(0) @binding(1) var<storage, read_write> grad_x: array<f32>;
@group(0) @binding(2) var<uniform> options: Options;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    grad_x[id.x] = options.gamma * grad_y[id.x];
}
