// Part of views.wgsl: how a stage reads its pixels from the image before it, one function for each kind of stage.

// Which positions of an axis a resized pixel reads, and with which weights: runtime/augment/pixels/interpolation.rs.
struct Axis {
    first: i32,      // the first position, before it is kept inside
    taps: i32,
    length: i32,     // of the source
    centre: f32,
    stretch: f32,
    cubic: f32,      // the cubic's parameter; 0 is linear
}

fn axis(length: u32, scale: f32, i: u32, taps: u32, antialias: bool) -> Axis {
    var result: Axis;
    result.length = i32(length);
    let is_cubic = taps == 4u;
    if taps == 1u {
        result.stretch = 1.0;
        result.taps = 1;
        result.first = i32(f32(i) * scale);
        result.centre = f32(result.first);
    } else if antialias {
        result.stretch = max(scale, 1.0);
        result.cubic = select(0.0, -0.5, is_cubic);
        let support = f32(taps) / 2.0 * result.stretch;
        result.taps = min(i32(ceil(support)) * 2 + 1, result.length);
        let centre = scale * (f32(i) + 0.5);
        result.centre = centre - 0.5;
        result.first = min(i32(max(centre - support + 0.5, 0.0)), result.length - result.taps);
    } else {
        result.stretch = 1.0;
        result.cubic = select(0.0, -0.75, is_cubic);
        result.taps = i32(taps);
        result.centre = scale * (f32(i) + 0.5) - 0.5;
        result.first = i32(floor(result.centre)) - (result.taps / 2 - 1);
    }
    return result;
}

fn weight(along: Axis, tap: i32) -> f32 {
    let x = abs(f32(along.first + tap) - along.centre) / along.stretch;
    let a = along.cubic;
    if a == 0.0 {
        return max(1.0 - x, 0.0);
    }
    if x < 1.0 {
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
    }
    return select(0.0, (((x - 5.0) * x + 8.0) * x - 4.0) * a, x < 2.0);
}

fn position(along: Axis, tap: i32) -> u32 {
    return u32(clamp(along.first + tap, 0, along.length - 1));
}

fn cropped(given: Given, y: u32, x: u32) -> vec3f {
    let top = argument(given, 0u);
    let left = argument(given, 1u);
    let taps = argument(given, 6u) & 255u;
    let antialias = (argument(given, 6u) >> 8u) != 0u;
    let rows = axis(argument(given, 2u), factor(given, 4u), y, taps, antialias);
    let columns = axis(argument(given, 3u), factor(given, 5u), x, taps, antialias);
    var sum = vec3f(0.0);
    var row_weights = 0.0;
    var column_weights = 0.0;
    for (var i = 0; i < rows.taps; i++) {
        let from_row = top + position(rows, i);
        var row = vec3f(0.0);
        column_weights = 0.0;
        for (var j = 0; j < columns.taps; j++) {
            let column_weight = weight(columns, j);
            column_weights += column_weight;
            row += column_weight * fetch(given, from_row, left + position(columns, j));
        }
        let row_weight = weight(rows, i);
        row_weights += row_weight;
        sum += row_weight * row;
    }
    if antialias && taps > 1u {
        sum /= row_weights * column_weights;
    }
    return sum;
}

fn blurred(given: Given, y: u32, x: u32) -> vec3f {
    let taps = i32(argument(given, 0u));
    let along_rows = program[given.stage] == BLUR_ROWS;
    var sum = vec3f(0.0);
    for (var tap = 0; tap < taps; tap++) {
        let offset = tap - taps / 2;
        let blur_weight = bitcast<f32>(program[given.numbers + u32(tap)]);
        if along_rows {
            sum += blur_weight * fetch(given, y, reflected(i32(x) + offset, i32(given.width)));
        } else {
            sum += blur_weight * fetch(given, reflected(i32(y) + offset, i32(given.height)), x);
        }
    }
    return sum;
}

// Reflected at the edges without repeating the edge itself, as often as it takes.
fn reflected(place: i32, length: i32) -> u32 {
    let last = length - 1;
    if last == 0 {
        return 0u;
    }
    let period = 2 * last;
    let folded = ((place % period) + period) % period;
    return u32(min(folded, period - folded));
}

// Reflected at the edges, which are repeated.
fn mirrored(place: i32, length: i32) -> u32 {
    let period = 2 * length;
    let folded = ((place % period) + period) % period;
    return u32(min(folded, period - 1 - folded));
}

fn beyond(edge: u32, place: i32, length: i32) -> u32 {
    switch edge {
        case REPLICATED_EDGE: { return u32(clamp(place, 0, length - 1)); }
        case REFLECTED_EDGE: { return reflected(place, length); }
        default: { return mirrored(place, length); }
    }
}

fn windowed(given: Given, y: u32, x: u32) -> vec3f {
    let place = vec2i(i32(y) + bitcast<i32>(argument(given, 0u)), i32(x) + bitcast<i32>(argument(given, 1u)));
    let size = vec2i(i32(given.height), i32(given.width));
    let edge = argument(given, 2u);
    if edge == CONSTANT_EDGE {
        if any(place < vec2i(0)) || any(place >= size) {
            return of_channels(given.numbers);
        }
        return fetch(given, u32(place.x), u32(place.y));
    }
    return fetch(given, beyond(edge, place.x, size.x), beyond(edge, place.y, size.y));
}

// Read along a projective map: runtime/augment/pixels/warp.rs. Numbers: whether it is bilinear, whether what lies outside
// has values, and these.
fn warped(given: Given, y: u32, x: u32) -> vec3f {
    let middle = vec2f(f32(given.width), f32(given.height)) / 2.0;
    let at = vec3f(f32(x) + 0.5 - middle.x, f32(y) + 0.5 - middle.y, 1.0);
    let divisor = dot(vec3f(factor(given, 6u), factor(given, 7u), factor(given, 8u)), at);
    let u = dot(vec3f(factor(given, 0u), factor(given, 1u), factor(given, 2u)), at) / divisor + (middle.x - 0.5);
    let v = dot(vec3f(factor(given, 3u), factor(given, 4u), factor(given, 5u)), at) / divisor + (middle.y - 0.5);
    let is_bilinear = program[given.numbers] != 0u;
    let has_fill = program[given.numbers + 1u] != 0u;
    let fill = of_channels(given.numbers + 2u);
    // Not a number lies nowhere.
    if !(u > -1.0 && u < f32(given.width) && v > -1.0 && v < f32(given.height)) {
        return fill;
    }
    let size = vec2i(i32(given.width), i32(given.height));
    if !is_bilinear {
        let place = vec2i(i32(round(u)), i32(round(v)));
        if any(place < vec2i(0)) || any(place >= size) {
            return fill;
        }
        return fetch(given, u32(place.y), u32(place.x));
    }
    let low = floor(vec2f(u, v));
    let part = vec2f(u, v) - low;
    var sum = vec3f(0.0);
    var covered = 0.0;
    for (var down = 0; down < 2; down++) {
        for (var across = 0; across < 2; across++) {
            let place = vec2i(low) + vec2i(across, down);
            if all(place >= vec2i(0)) && all(place < size) {
                let tap = select(1.0 - part.x, part.x, across == 1) * select(1.0 - part.y, part.y, down == 1);
                sum += tap * fetch(given, u32(place.y), u32(place.x));
                covered += tap;
            }
        }
    }
    return select(sum, covered * (sum - fill) + fill, has_fill);
}

fn sharpened(given: Given, y: u32, x: u32) -> vec3f {
    let middle = fetch(given, y, x);
    if given.height <= 2u || given.width <= 2u {
        return middle;
    }
    if y == 0u || x == 0u || y == given.height - 1u || x == given.width - 1u {
        return clamp(middle, vec3f(0.0), vec3f(1.0));
    }
    var smooth_pixel = middle * (4.0 / 13.0);
    for (var down = 0u; down < 3u; down++) {
        for (var across = 0u; across < 3u; across++) {
            smooth_pixel += fetch(given, y + down - 1u, x + across - 1u) * (1.0 / 13.0);
        }
    }
    return clamp(middle + (1.0 - factor(given, 0u)) * (smooth_pixel - middle), vec3f(0.0), vec3f(1.0));
}
