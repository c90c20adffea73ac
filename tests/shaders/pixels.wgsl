// y[p, c] = (c + 1) · x[p, c] for x [pixels, channels], the channels of a pixel side by side; a thread per element.
override THREADS: u32 = 64u;

struct Options {
    channels: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> options: Options;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if id.x >= arrayLength(&x) {
        return;
    }
    y[id.x] = f32(id.x % options.channels + 1u) * x[id.x];
}
