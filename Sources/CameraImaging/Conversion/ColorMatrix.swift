// SPDX-License-Identifier: MIT

internal import CameraCore

/// A linear change of three channels, each in 0...255: three weighted sums.
struct ColorMatrix {
    let first: Sum
    let second: Sum
    let third: Sum

    /// One output channel: the weights of the input channels and what is added.
    struct Sum {
        let weights: SIMD3<Double>
        let offset: Double
    }

    /// Makes Y, U and V of full-range R, G and B.
    ///
    /// Source: ITU-R BT.601-7, section 2.5; BT.709-6, item 3; BT.2020-2, table 4; code values as in ITU-T H.273,
    /// section 8.3.
    static func fromRGB(to space: YUVSpace) -> ColorMatrix {
        let luma = SIMD3(space.redWeight, space.greenWeight, space.blueWeight)
        let blueDifference = (SIMD3(0, 0, 1) - luma) / (2 * (1 - space.blueWeight))
        let redDifference = (SIMD3(1, 0, 0) - luma) / (2 * (1 - space.redWeight))
        return ColorMatrix(
            first: Sum(weights: luma * space.lumaScale, offset: space.lumaOffset),
            second: Sum(weights: blueDifference * space.chromaScale, offset: 128),
            third: Sum(weights: redDifference * space.chromaScale, offset: 128))
    }

    /// Makes full-range R, G and B of Y, U and V; the inverse of ``fromRGB(to:)``.
    static func toRGB(from space: YUVSpace) -> ColorMatrix {
        let luma = 1 / space.lumaScale
        let blue = 2 * (1 - space.blueWeight) / space.chromaScale
        let red = 2 * (1 - space.redWeight) / space.chromaScale
        func channel(_ u: Double, _ v: Double) -> Sum {
            Sum(weights: SIMD3(luma, u, v), offset: -luma * space.lumaOffset - 128 * (u + v))
        }
        return ColorMatrix(
            first: channel(0, red),
            second: channel(
                -blue * space.blueWeight / space.greenWeight, -red * space.redWeight / space.greenWeight),
            third: channel(blue, 0))
    }

    /// Makes Y, U and V of one space of those of another.
    static func between(_ source: YUVSpace, _ target: YUVSpace) -> ColorMatrix {
        let rgb = toRGB(from: source)
        let yuv = fromRGB(to: target)
        func channel(_ sum: Sum) -> Sum {
            Sum(
                weights: rgb.first.weights * sum.weights.x + rgb.second.weights * sum.weights.y
                    + rgb.third.weights * sum.weights.z,
                offset: rgb.first.offset * sum.weights.x + rgb.second.offset * sum.weights.y
                    + rgb.third.offset * sum.weights.z + sum.offset)
        }
        return ColorMatrix(first: channel(yuv.first), second: channel(yuv.second), third: channel(yuv.third))
    }
}

/// What of a colour space matters to arithmetic: the weights of red and blue in the luma, and the range.
struct YUVSpace: Hashable {
    let redWeight: Double
    let blueWeight: Double
    let range: ColorSpace.Range

    private init(redWeight: Double, blueWeight: Double, range: ColorSpace.Range) {
        self.redWeight = redWeight
        self.blueWeight = blueWeight
        self.range = range
    }

    /// What `color` means for Y, U and V; BT.601 where it says nothing, nil where the matrix is not known.
    init?(_ color: ColorSpace) {
        switch color.matrix {
        case .bt601, .bt470bg, .unspecified, .rgb:
            self.init(redWeight: 0.299, blueWeight: 0.114, range: color.range)
        case .bt709:
            self.init(redWeight: 0.2126, blueWeight: 0.0722, range: color.range)
        case .bt2020:
            self.init(redWeight: 0.2627, blueWeight: 0.0593, range: color.range)
        default:
            return nil
        }
    }

    var greenWeight: Double { 1 - redWeight - blueWeight }
    /// Code values of luma from black to white, for a signal of 255 steps.
    var lumaScale: Double { range == .full ? 1 : 219 / 255 }
    /// The code value of black.
    var lumaOffset: Double { range == .full ? 0 : 16 }
    /// Code values of chroma from end to end, for a signal of 255 steps.
    var chromaScale: Double { range == .full ? 1 : 224 / 255 }

    /// The same matrix with another range.
    func with(range: ColorSpace.Range) -> YUVSpace {
        YUVSpace(redWeight: redWeight, blueWeight: blueWeight, range: range)
    }

    /// Whether luma is made of red, green and blue alike.
    func hasMatrix(of other: YUVSpace) -> Bool {
        redWeight == other.redWeight && blueWeight == other.blueWeight
    }
}
