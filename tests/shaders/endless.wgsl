// Waits for what nobody writes. y is as large as x. Mesa's software driver leaves a loop after
// 65,536 rounds; in enough workgroups that is as good as never.

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<atomic<u32>>;

@compute @workgroup_size(1)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if x[id.x] < 0.0 {
        return;
    }
    loop {
        if atomicLoad(&y[id.x]) == 12345u {
            return;
        }
    }
}
