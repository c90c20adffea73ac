// parts[s, g, t, c, o] = Σ over the pixels (n, y, x) of share s of source[n, y·stride + t·dilation − padding, …, g·channels + c] ·
// by_output[n, y, x, g·outputs + o]: the gradient by the weight before the shares are added (convolution_sum.wgsl). A pixel that
// lies outside adds nothing. source [images, source_height, source_width, groups·channels], or in planes, by its two strides;
// by_output [images, height, width, groups·outputs]; parts [shares, groups, taps, channels, outputs], each row filled up with
// zeros to a multiple of four.
//
// A product of matrices whose left one, [taps·channels, pixels], is gathered where it lies. A workgroup makes a tile of ROWS
// weights by COLUMNS outputs of a share, a thread blocks of 4 × 4. Which pixels are whose share is known beforehand, and each is
// added in order, so that the sum is the same to the bit. Loops that are marked are unrolled before the text is compiled.

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
    stride_y: u32,
    stride_x: u32,
    padding_y: u32,
    padding_x: u32,
    dilation_y: u32,
    dilation_x: u32,
    pixel_stride: u32,
    channel_stride: u32,
    shares: u32,
    // Pixels of a share.
    share: u32,
}

// Four channels are read at once, or one: a thread takes its four by one load, or by four.
alias Number = vec4f;
const LOADS = 1u;
const BLOCKS_DOWN = 1u;
const BLOCKS_ACROSS = 1u;

@group(0) @binding(0) var<storage, read> source: array<Number>;
@group(0) @binding(1) var<storage, read> by_output: array<Number>;
@group(0) @binding(2) var<storage, read_write> parts: array<vec4f>;
@group(0) @binding(3) var<uniform> options: Options;

const ROWS = 64u * BLOCKS_DOWN;
const COLUMNS = 64u * BLOCKS_ACROSS;
const DEPTH = 16u;
const DOWN = ROWS / 4u;
const ACROSS = COLUMNS / 4u;
// No image has a pixel as far down as this, seen from any tap.
const OUTSIDE = -0x40000000;

var<workgroup> left: array<vec4f, DEPTH * DOWN>;
var<workgroup> right: array<vec4f, DEPTH * ACROSS>;

// A weight as its sources see it: how far its tap is from a pixel, and which channel.
struct Tap {
    y: i32,
    x: i32,
    channel: u32,
}

struct Pixel {
    image: u32,
    y: u32,
    x: u32,
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) me: u32) {
    let weights = options.kernel_height * options.kernel_width * options.channels;
    let tiles_across = (options.outputs + COLUMNS - 1u) / COLUMNS;
    let tiles_down = (weights + ROWS - 1u) / ROWS;
    var index = group.y * groups.x + group.x;
    let first_column = index % tiles_across * COLUMNS;
    index /= tiles_across;
    let first_row = index % tiles_down * ROWS;
    index /= tiles_down;
    let number = index % options.groups;
    let share = index / options.groups;
    if share >= options.shares {
        return;
    }
    let first = share * options.share;
    let last = min(first + options.share, options.images * options.height * options.width);
    let down = me / 16u;
    let across = me % 16u;

    var taps: array<Tap, LOADS * BLOCKS_DOWN>;
    for (var i = 0u; i < BLOCKS_DOWN; i++) { // unrolled
        for (var lane = 0u; lane < LOADS; lane++) { // unrolled
            taps[i * LOADS + lane] = tap_of(first_row + i * 64u + across * 4u + lane, weights, number);
        }
    }
    var place = first + down;
    var pixel = Pixel(place / (options.height * options.width), place / options.width % options.height, place % options.width);
    var next_left: array<vec4f, BLOCKS_DOWN>;
    var next_right: array<vec4f, BLOCKS_ACROSS>;
    var sums: array<vec4f, 4u * BLOCKS_DOWN * BLOCKS_ACROSS>;
    for (var begun = first; begun < last; begun += DEPTH) {
        place = begun + down;
        for (var i = 0u; i < BLOCKS_DOWN; i++) { // unrolled
            next_left[i] = vec4f();
            for (var lane = 0u; lane < LOADS; lane++) { // unrolled
                let tap = taps[i * LOADS + lane];
                let y = i32(pixel.y * options.stride_y) + tap.y;
                let x = i32(pixel.x * options.stride_x) + tap.x;
                let is_inside = y >= 0 && y < i32(options.source_height) && x >= 0 && x < i32(options.source_width);
                if is_inside && place < last {
                    let pixels = options.source_height * options.source_width;
                    let image = pixel.image * pixels * options.channels * options.groups;
                    let own = (u32(y) * options.source_width + u32(x)) * options.pixel_stride;
                    let address = image + own + tap.channel * options.channel_stride;
                    if LOADS == 1u {
                        next_left[i] = vec4f(source[address / 4u]);
                    } else {
                        next_left[i][lane] = vec4f(source[address]).x;
                    }
                }
            }
        }
        for (var j = 0u; j < BLOCKS_ACROSS; j++) { // unrolled
            next_right[j] = vec4f();
            for (var lane = 0u; lane < LOADS; lane++) { // unrolled
                let column = first_column + j * 64u + across * 4u + lane;
                if column < options.outputs && place < last {
                    let address = (place * options.groups + number) * options.outputs + column;
                    if LOADS == 1u {
                        next_right[j] = vec4f(by_output[address / 4u]);
                    } else {
                        next_right[j][lane] = vec4f(by_output[address]).x;
                    }
                }
            }
        }
        workgroupBarrier();
        for (var i = 0u; i < BLOCKS_DOWN; i++) { // unrolled
            left[down * DOWN + i * 16u + across] = next_left[i];
        }
        for (var j = 0u; j < BLOCKS_ACROSS; j++) { // unrolled
            right[down * ACROSS + j * 16u + across] = next_right[j];
        }
        workgroupBarrier();
        pixel = later(pixel);
        for (var k = 0u; k < DEPTH; k++) {
            var a: array<vec4f, BLOCKS_DOWN>;
            var b: array<vec4f, BLOCKS_ACROSS>;
            for (var i = 0u; i < BLOCKS_DOWN; i++) { // unrolled
                a[i] = left[k * DOWN + i * 16u + down];
            }
            for (var j = 0u; j < BLOCKS_ACROSS; j++) { // unrolled
                b[j] = right[k * ACROSS + j * 16u + across];
            }
            for (var i = 0u; i < BLOCKS_DOWN; i++) { // unrolled
                for (var lane = 0u; lane < 4u; lane++) { // unrolled
                    for (var j = 0u; j < BLOCKS_ACROSS; j++) { // unrolled
                        sums[(i * 4u + lane) * BLOCKS_ACROSS + j] += a[i][lane] * b[j];
                    }
                }
            }
        }
    }
    let pitch = (options.outputs + 3u) / 4u;
    for (var i = 0u; i < BLOCKS_DOWN; i++) { // unrolled
        for (var lane = 0u; lane < 4u; lane++) { // unrolled
            let row = first_row + i * 64u + down * 4u + lane;
            for (var j = 0u; j < BLOCKS_ACROSS; j++) { // unrolled
                let quad = first_column / 4u + j * 16u + across;
                if row < weights && quad < pitch {
                    parts[((share * options.groups + number) * weights + row) * pitch + quad] = sums[(i * 4u + lane) * BLOCKS_ACROSS + j];
                }
            }
        }
    }
}

fn tap_of(row: u32, weights: u32, number: u32) -> Tap {
    if row >= weights {
        return Tap(OUTSIDE, OUTSIDE, 0u);
    }
    let tap = row / options.channels;
    let y = i32(tap / options.kernel_width * options.dilation_y) - i32(options.padding_y);
    let x = i32(tap % options.kernel_width * options.dilation_x) - i32(options.padding_x);
    return Tap(y, x, number * options.channels + row % options.channels);
}

// DEPTH pixels on.
fn later(now: Pixel) -> Pixel {
    var pixel = now;
    pixel.x += DEPTH;
    if pixel.x >= options.width {
        pixel.y += pixel.x / options.width;
        pixel.x %= options.width;
        if pixel.y >= options.height {
            pixel.image += pixel.y / options.height;
            pixel.y %= options.height;
        }
    }
    return pixel;
}
