// output[b, i, j] = Σ_d (left[b, i, d] − right[b, j, d])². left [count, rows, width], right [count, columns, width],
// output [count, rows, columns]. A workgroup per tile of 16 × 16 pairs; differences, so nothing cancels.

struct Options {
    count: u32,
    rows: u32,
    columns: u32,
    width: u32,
}

@group(0) @binding(0) var<storage, read> left: array<f32>;
@group(0) @binding(1) var<storage, read> right: array<f32>;
@group(0) @binding(2) var<storage, read_write> output: array<f32>;
@group(0) @binding(3) var<uniform> options: Options;

const SIDE = 16u;

var<workgroup> left_tile: array<f32, 256>;
var<workgroup> right_tile: array<f32, 256>;

@compute @workgroup_size(SIDE, SIDE)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) thread: vec3u) {
    let tiles = vec2u((options.columns + SIDE - 1u) / SIDE, (options.rows + SIDE - 1u) / SIDE);
    let index = group.y * groups.x + group.x;
    let number = index / (tiles.x * tiles.y);
    if number >= options.count {
        return;
    }
    let tile = vec2u(index % tiles.x, index / tiles.x % tiles.y);
    let left_start = number * options.rows;
    let right_start = number * options.columns;
    let row = tile.y * SIDE + thread.y;
    let column = tile.x * SIDE + thread.x;
    // The row of `right` that this thread loads: threads next to each other in x load numbers next to each other.
    let loaded = tile.x * SIDE + thread.y;
    let cell = thread.y * SIDE + thread.x;
    var sum = 0.0;
    for (var first = 0u; first < options.width; first += SIDE) {
        let d = first + thread.x;
        left_tile[cell] = 0.0;
        right_tile[cell] = 0.0;
        if d < options.width && row < options.rows {
            left_tile[cell] = left[(left_start + row) * options.width + d];
        }
        if d < options.width && loaded < options.columns {
            right_tile[cell] = right[(right_start + loaded) * options.width + d];
        }
        workgroupBarrier();
        // A sum of sums of few: an error grows with the number of terms that are added one after another.
        var part = 0.0;
        for (var k = 0u; k < SIDE; k++) {
            let difference = left_tile[thread.y * SIDE + k] - right_tile[thread.x * SIDE + k];
            part += difference * difference;
        }
        sum += part;
        workgroupBarrier();
    }
    if row < options.rows && column < options.columns {
        output[(left_start + row) * options.columns + column] = sum;
    }
}
