// For x [n] of f32, index [n] of i32 and keep [n] of truth values: doubled = 2 · index, positive = x > 0 and keep,
// total[0] = the number of those.

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> index: array<i32>;
@group(0) @binding(2) var<storage, read> keep: array<u32>;
@group(0) @binding(3) var<storage, read_write> doubled: array<i32>;
@group(0) @binding(4) var<storage, read_write> positive: array<u32>;
@group(0) @binding(5) var<storage, read_write> total: array<atomic<u32>>;

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.x;
    if i >= arrayLength(&x) {
        return;
    }
    doubled[i] = 2 * index[i];
    if x[i] > 0.0 && keep[i] != 0u {
        // Any number but 0 is true.
        positive[i] = 7u;
        atomicAdd(&total[0], 1u);
    }
}
