// output[n, y, x, g·outputs + o] = Σ over taps t and channels c of source[n, at(y, t), at(x, t), g·channels + c] ·
// weight[g, t, c, o], where at(y, t) = (y·up + shift + t·reach) / down. A tap for which that is no whole number, or lies outside,
// adds nothing. Outputs from pixels have down = 1; the gradient by pixels from that by outputs has up = 1. source [images,
// source_height, source_width, groups·channels], or in planes, by its two strides; weight [groups, taps, channels, outputs], each
// row filled up with zeros to a multiple of four; output [images, height, width, groups·outputs].
//
// A product of matrices whose left one, [pixels, taps·channels], is gathered where it lies. A workgroup makes a tile of ROWS
// pixels by COLUMNS outputs, a thread blocks of 4 × 4. Pixels of a tile have one phase, y and x modulo down, and so the same taps:
// no zero is multiplied. Loops that are marked are unrolled before the text is compiled (template.rs), so that sums are registers.

struct Options {
    images: u32,
    groups: u32,
    channels: u32,
    outputs: u32,
    source_height: u32,
    source_width: u32,
    height: u32,
    width: u32,
    kernel_height: u32,
    kernel_width: u32,
    up_y: u32,
    up_x: u32,
    down_y: u32,
    down_x: u32,
    shift_y: i32,
    shift_x: i32,
    reach_y: i32,
    reach_x: i32,
    // From a tap that meets a pixel to the next.
    skip_y: u32,
    skip_x: u32,
    pixel_stride: u32,
    channel_stride: u32,
}

// Four channels are read and written at once, or one: a thread takes its four by one load, or by four.
alias Number = vec4f;
const LOADS = 1u;
const BLOCKS_DOWN = 1u;
const BLOCKS_ACROSS = 1u;

@group(0) @binding(0) var<storage, read> source: array<Number>;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> output: array<Number>;
@group(0) @binding(3) var<uniform> options: Options;

const ROWS = 64u * BLOCKS_DOWN;
const COLUMNS = 64u * BLOCKS_ACROSS;
const DEPTH = 16u;
const ACROSS = COLUMNS / 4u;
const QUADS = DEPTH / 4u;
// No tap leads from here into an image.
const OUTSIDE = -0x40000000;

// Four terms of a pixel, and four outputs of a term: as threads load them, so that each writes whole vectors.
var<workgroup> left: array<vec4f, ROWS * QUADS>;
var<workgroup> right: array<vec4f, DEPTH * ACROSS>;

// Which taps along a dim meet the pixels of a phase: every skip-th from the first, and where.
struct Line {
    first: u32,
    count: u32,
    start: i32,
    step: i32,
}

// A term of the sum: the channel of a tap, which is counted among those that meet.
struct Term {
    row: u32,
    column: u32,
    channel: u32,
}

struct Pixel {
    image: u32,
    y: i32,
    x: i32,
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) me: u32) {
    let tiles_across = (options.outputs + COLUMNS - 1u) / COLUMNS;
    let height = (options.height + options.down_y - 1u) / options.down_y;
    let width = (options.width + options.down_x - 1u) / options.down_x;
    let pixels = options.images * height * width;
    let tiles_down = (pixels + ROWS - 1u) / ROWS;
    var index = group.y * groups.x + group.x;
    let first_column = index % tiles_across * COLUMNS;
    index /= tiles_across;
    let first_row = index % tiles_down * ROWS;
    index /= tiles_down;
    // Phases beyond the target have no pixels.
    let phases = vec2u(min(options.down_x, options.width), min(options.down_y, options.height));
    let phase = vec2u(index % phases.x, index / phases.x % phases.y);
    let number = index / (phases.x * phases.y);
    if number >= options.groups {
        return;
    }
    let rows = line(phase.y * options.up_y, options.down_y, options.shift_y, options.reach_y, options.skip_y, options.kernel_height);
    let columns = line(phase.x * options.up_x, options.down_x, options.shift_x, options.reach_x, options.skip_x, options.kernel_width);
    let terms = rows.count * columns.count * options.channels;

    // What this thread loads: four terms of a pixel, and four outputs of a term.
    var gathered = later(Term(0u, 0u, 0u), me % 4u * 4u, columns.count);
    var pixel: array<Pixel, BLOCKS_DOWN>;
    var weighed: array<Term, BLOCKS_ACROSS>;
    var next_left: array<vec4f, BLOCKS_DOWN>;
    var next_right: array<vec4f, BLOCKS_ACROSS>;
    for (var i = 0u; i < BLOCKS_DOWN; i++) { // unrolled
        pixel[i] = pixel_of(first_row + i * 64u + me / 4u, pixels, height, width, rows, columns);
        next_left[i] = sources(gathered, pixel[i], rows, columns, number);
    }
    for (var j = 0u; j < BLOCKS_ACROSS; j++) { // unrolled
        weighed[j] = later(Term(0u, 0u, 0u), (j * 256u + me) / ACROSS, columns.count);
        next_right[j] = weights(weighed[j], first_column / 4u + (j * 256u + me) % ACROSS, rows, columns, number);
    }
    let down = me / 16u;
    let across = me % 16u;
    var sums: array<vec4f, 4u * BLOCKS_DOWN * BLOCKS_ACROSS>;
    for (var begun = 0u; begun < terms; begun += DEPTH) {
        workgroupBarrier();
        for (var i = 0u; i < BLOCKS_DOWN; i++) { // unrolled
            left[i * 256u + me] = next_left[i];
        }
        for (var j = 0u; j < BLOCKS_ACROSS; j++) { // unrolled
            right[j * 256u + me] = next_right[j];
        }
        workgroupBarrier();
        // What comes next is on its way while this is multiplied.
        gathered = later(gathered, DEPTH, columns.count);
        for (var i = 0u; i < BLOCKS_DOWN; i++) { // unrolled
            next_left[i] = sources(gathered, pixel[i], rows, columns, number);
        }
        for (var j = 0u; j < BLOCKS_ACROSS; j++) { // unrolled
            weighed[j] = later(weighed[j], DEPTH, columns.count);
            next_right[j] = weights(weighed[j], first_column / 4u + (j * 256u + me) % ACROSS, rows, columns, number);
        }
        for (var quad = 0u; quad < QUADS; quad++) {
            var a: array<vec4f, 4u * BLOCKS_DOWN>;
            var b: array<vec4f, BLOCKS_ACROSS>;
            for (var i = 0u; i < BLOCKS_DOWN; i++) { // unrolled
                for (var lane = 0u; lane < 4u; lane++) { // unrolled
                    a[i * 4u + lane] = left[(i * 64u + down * 4u + lane) * QUADS + quad];
                }
            }
            for (var k = 0u; k < 4u; k++) { // unrolled
                for (var j = 0u; j < BLOCKS_ACROSS; j++) { // unrolled
                    b[j] = right[(quad * 4u + k) * ACROSS + j * 16u + across];
                }
                for (var i = 0u; i < BLOCKS_DOWN; i++) { // unrolled
                    for (var lane = 0u; lane < 4u; lane++) { // unrolled
                        for (var j = 0u; j < BLOCKS_ACROSS; j++) { // unrolled
                            sums[(i * 4u + lane) * BLOCKS_ACROSS + j] += a[i * 4u + lane][k] * b[j];
                        }
                    }
                }
            }
        }
    }
    for (var i = 0u; i < BLOCKS_DOWN; i++) { // unrolled
        for (var lane = 0u; lane < 4u; lane++) { // unrolled
            let row = first_row + i * 64u + down * 4u + lane;
            let y = row / width % height * options.down_y + phase.y;
            let x = row % width * options.down_x + phase.x;
            if row < pixels && y < options.height && x < options.width {
                let place = ((row / (width * height) * options.height + y) * options.width + x) * options.groups + number;
                for (var j = 0u; j < BLOCKS_ACROSS; j++) { // unrolled
                    write(place * options.outputs, first_column + j * 64u, across, sums[(i * 4u + lane) * BLOCKS_ACROSS + j]);
                }
            }
        }
    }
}

fn line(phase: u32, down: u32, shift: i32, reach: i32, skip: u32, kernel: u32) -> Line {
    var first = 0u;
    while first < kernel && (i32(phase) + shift + i32(first) * reach) % i32(down) != 0 {
        first++;
    }
    let count = select(0u, (kernel - min(first, kernel) + skip - 1u) / skip, first < kernel);
    return Line(first, count, (i32(phase) + shift + i32(first) * reach) / i32(down), i32(skip) * reach / i32(down));
}

fn later(now: Term, by: u32, across: u32) -> Term {
    var term = now;
    term.channel += by;
    while term.channel >= options.channels {
        term.channel -= options.channels;
        term.column += 1u;
        if term.column >= across {
            term.column = 0u;
            term.row += 1u;
        }
    }
    return term;
}

fn pixel_of(row: u32, pixels: u32, height: u32, width: u32, rows: Line, columns: Line) -> Pixel {
    if row >= pixels {
        return Pixel(0u, OUTSIDE, OUTSIDE);
    }
    let image = row / (width * height) * options.source_height * options.source_width * options.channels * options.groups;
    let y = i32(row / width % height * options.up_y) + rows.start;
    let x = i32(row % width * options.up_x) + columns.start;
    return Pixel(image, y, x);
}

fn sources(earliest: Term, pixel: Pixel, rows: Line, columns: Line, number: u32) -> vec4f {
    var found = vec4f();
    var term = earliest;
    for (var lane = 0u; lane < LOADS; lane++) { // unrolled
        let y = pixel.y + i32(term.row) * rows.step;
        let x = pixel.x + i32(term.column) * columns.step;
        let is_inside = y >= 0 && y < i32(options.source_height) && x >= 0 && x < i32(options.source_width);
        if is_inside && term.row < rows.count && term.column < columns.count {
            let place = pixel.image + (u32(y) * options.source_width + u32(x)) * options.pixel_stride;
            let address = place + (number * options.channels + term.channel) * options.channel_stride;
            if LOADS == 1u {
                found = vec4f(source[address / 4u]);
            } else {
                found[lane] = vec4f(source[address]).x;
                term = later(term, 1u, columns.count);
            }
        } else if LOADS != 1u {
            term = later(term, 1u, columns.count);
        }
    }
    return found;
}

fn weights(term: Term, quad: u32, rows: Line, columns: Line, number: u32) -> vec4f {
    let pitch = (options.outputs + 3u) / 4u;
    // A phase that no tap meets has no columns, and a prefetch may be behind the last row.
    if term.row >= rows.count || term.column >= columns.count || quad >= pitch {
        return vec4f();
    }
    let row = rows.first + term.row * options.skip_y;
    let column = columns.first + term.column * options.skip_x;
    let tap = (number * options.kernel_height + row) * options.kernel_width + column;
    return weight[(tap * options.channels + term.channel) * pitch + quad];
}

fn write(place: u32, first: u32, across: u32, quad: vec4f) {
    if LOADS == 1u {
        if first + across * 4u < options.outputs {
            output[(place + first) / 4u + across] = number_of(quad);
        }
        return;
    }
    for (var lane = 0u; lane < 4u; lane++) { // unrolled
        let column = first + across * 4u + lane;
        if column < options.outputs {
            output[place + column] = number_of(vec4f(quad[lane]));
        }
    }
}

fn number_of(quad: vec4f) -> Number {
    return quad;
}
