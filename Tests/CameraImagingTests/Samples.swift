// SPDX-License-Identifier: MIT

import CameraCore

/// A plane of numbers of the reference: plain, slow, and independent of the code under test.
struct Samples: Equatable {
    var width: Int
    var height: Int
    var values: [Double]

    init(_ width: Int, _ height: Int, _ value: (_ x: Int, _ y: Int) -> Double) {
        self.width = width
        self.height = height
        values = []
        for y in 0..<height { for x in 0..<width { values.append(value(x, y)) } }
    }

    subscript(x: Int, y: Int) -> Double { values[y * width + x] }

    /// The nearest sample to a place that may lie outside.
    func clamped(_ x: Int, _ y: Int) -> Double { self[max(0, min(width - 1, x)), max(0, min(height - 1, y))] }

    /// Averages blocks; what remains at the right and lower edge is averaged alone.
    func averaged(_ across: Int, _ down: Int) -> Samples {
        Samples((width + across - 1) / across, (height + down - 1) / down) { x, y in
            var (sum, count) = (0.0, 0.0)
            for row in y * down..<min(height, (y + 1) * down) {
                for column in x * across..<min(width, (x + 1) * across) {
                    sum += self[column, row]
                    count += 1
                }
            }
            return sum / count
        }
    }

    /// Interpolates between the centres of blocks, to one sample for each pixel.
    func interpolated(_ across: Int, _ down: Int, width: Int, height: Int) -> Samples {
        Samples(width, height) { x, y in
            let column = (Double(x) + 0.5) / Double(across) - 0.5
            let row = (Double(y) + 0.5) / Double(down) - 0.5
            let (left, top) = (Int(column.rounded(.down)), Int(row.rounded(.down)))
            let (right, low) = (column - Double(left), row - Double(top))
            return (clamped(left, top) * (1 - right) + clamped(left + 1, top) * right) * (1 - low)
                + (clamped(left, top + 1) * (1 - right) + clamped(left + 1, top + 1) * right) * low
        }
    }

    func map(_ transform: (Double) -> Double) -> Samples {
        Samples(width, height) { transform(self[$0, $1]) }
    }

    /// Each number as a byte holds it.
    var rounded: Samples { map { max(0, min(255, $0.rounded())) } }

    var mean: Double { values.reduce(0, +) / Double(values.count) }
}

/// A picture of three planes of numbers: R, G and B, or Y, U and V with chroma shared by pixels.
struct Picture {
    var planes: [Samples]
    /// What the numbers mean.
    var color: ColorSpace
    /// Pixels across and down that share a sample of the second and third plane.
    var sharing: (across: Int, down: Int)

    var width: Int { planes[0].width }
    var height: Int { planes[0].height }
    var isRGB: Bool { color.matrix == .rgb }

    /// R, G and B as a function of the place.
    init(_ width: Int, _ height: Int, rgb: (_ x: Int, _ y: Int) -> SIMD3<Double>) {
        planes = (0..<3).map { channel in Samples(width, height) { rgb($0, $1)[channel] }.rounded }
        color = .sRGB
        sharing = (1, 1)
    }

    init(planes: [Samples], color: ColorSpace, sharing: (across: Int, down: Int)) {
        self.planes = planes
        self.color = color
        self.sharing = sharing
    }

    /// Soft gradients in all channels, with detail that differs from place to place.
    static func soft(_ width: Int, _ height: Int) -> Picture {
        Picture(width, height) { x, y in
            let (u, v) = (Double(x) / 64, Double(y) / 48)
            return SIMD3(30 + 190 * u * (1 - v / 2), 220 - 180 * v * (1 - u / 3), 60 + 150 * (u - v / 2) * (u + v / 3))
        }
    }

    /// The same picture with one chroma sample for each pixel.
    var unshared: Picture {
        guard sharing != (1, 1) else { return self }
        let chroma = planes[1...].map {
            $0.interpolated(sharing.across, sharing.down, width: width, height: height)
        }
        return Picture(planes: [planes[0]] + chroma, color: color, sharing: (1, 1))
    }

    /// The same picture in which each pixel has the chroma sample that it shared, as R, G and B are made.
    var repeated: Picture {
        guard sharing != (1, 1) else { return self }
        let chroma = planes[1...].map { plane in
            Samples(width, height) { x, y in plane[x / sharing.across, y / sharing.down] }
        }
        return Picture(planes: [planes[0]] + chroma, color: color, sharing: (1, 1))
    }

    /// The same picture with chroma shared by more pixels.
    func shared(_ across: Int, _ down: Int) -> Picture {
        guard sharing != (across, down) else { return self }
        // Rows are averaged as they are, without a detour by way of single pixels.
        if sharing.across == across, down % sharing.down == 0 {
            let chroma = planes[1...].map { $0.averaged(1, down / sharing.down) }
            return Picture(planes: [planes[0]] + chroma, color: color, sharing: (across, down))
        }
        let chroma = unshared.planes[1...].map { $0.averaged(across, down) }
        return Picture(planes: [planes[0]] + chroma, color: color, sharing: (across, down))
    }

    /// The same colours in other numbers; chroma must not be shared unless the numbers stay.
    func recolored(_ target: ColorSpace) -> Picture {
        if target == color { return self }
        let whole = unshared
        var planes = whole.planes
        for index in planes[0].values.indices {
            let pixel = SIMD3(planes[0].values[index], planes[1].values[index], planes[2].values[index])
            let changed = Colors.fromRGB(Colors.toRGB(pixel, color), target)
            for channel in 0..<3 { planes[channel].values[index] = changed[channel] }
        }
        return Picture(planes: planes, color: target, sharing: (1, 1))
    }
}

/// The colour equations in floating point, as ITU-T H.273 has them.
enum Colors {
    static func weights(_ matrix: ColorSpace.Matrix) -> (red: Double, blue: Double) {
        switch matrix {
        case .bt709: (0.2126, 0.0722)
        case .bt2020: (0.2627, 0.0593)
        default: (0.299, 0.114)
        }
    }

    static func toRGB(_ pixel: SIMD3<Double>, _ color: ColorSpace) -> SIMD3<Double> {
        if color.matrix == .rgb { return pixel }
        let (red, blue) = weights(color.matrix)
        let full = color.range == .full
        let y = full ? pixel[0] : (pixel[0] - 16) * 255 / 219
        let u = (pixel[1] - 128) * (full ? 1 : 255.0 / 224)
        let v = (pixel[2] - 128) * (full ? 1 : 255.0 / 224)
        let r = y + 2 * (1 - red) * v
        let b = y + 2 * (1 - blue) * u
        return SIMD3(r, (y - red * r - blue * b) / (1 - red - blue), b)
    }

    static func fromRGB(_ pixel: SIMD3<Double>, _ color: ColorSpace) -> SIMD3<Double> {
        if color.matrix == .rgb { return pixel }
        let (red, blue) = weights(color.matrix)
        let y = red * pixel[0] + (1 - red - blue) * pixel[1] + blue * pixel[2]
        let u = (pixel[2] - y) / (2 * (1 - blue))
        let v = (pixel[0] - y) / (2 * (1 - red))
        return color.range == .full
            ? SIMD3(y, u + 128, v + 128)
            : SIMD3(16 + y * 219 / 255, 128 + u * 224 / 255, 128 + v * 224 / 255)
    }
}
