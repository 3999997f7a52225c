// SPDX-License-Identifier: MIT

import CameraCore
import CameraImaging
import Foundation
import Testing

/// Filters and colours over pictures.
@Suite struct EffectTests {
    private static let size = Resolution(160, 90)

    private func source(_ format: PixelFormat = .yuv420, _ color: ColorSpace = .bt601) throws -> Frame {
        try .made(by: "testsrc2", Self.size, format, color)
    }

    private func apply(
        _ effect: ImageEffect, _ parameters: [Double] = [], to frame: Frame
    ) throws -> Frame {
        try frame.styled {
            $0.effect = effect
            $0.effectParameters = parameters
        }
    }

    /// What ffmpeg makes of every layout of Y, U and V by the same rule.
    @Test(arguments: [PixelFormat.yuv420, .nv12, .yuv422, .yuyv])
    func negativeIsFFmpegs(_ format: PixelFormat) throws {
        let frame = try source(format)
        let made = try apply(.negative, to: frame)
        let reference = try frame.filtered(by: "lutyuv=y=negval:u=negval:v=negval")
        for channel in 0..<3 {
            // ffmpeg keeps to the range.
            let ours = made.samples(channel).map { max(16, min(channel == 0 ? 235 : 240, $0)) }
            #expect(difference(ours, reference.samples(channel)).largest <= 1)
        }
    }

    @Test func negativeOfRedIsCyan() throws {
        for format in layouts where format != .grey {
            let frame = try Frame.plain(.red, Resolution(8, 8), format, format.isRGB ? .sRGB : .jpeg)
            let found = try apply(.negative, to: frame).rgb(4, 4)
            #expect(abs(found[0]) < 4 && abs(found[1] - 255) < 4 && abs(found[2] - 255) < 4, "\(format): \(found)")
        }
    }

    @Test(arguments: [1, 2]) func blurIsFFmpegs(_ radius: Int) throws {
        let frame = try source()
        let made = try apply(.blur, [Double(radius)], to: frame)
        let matrix = radius == 1 ? "1 2 1 2 4 2 1 2 1" : Self.binomial
        let sum = radius == 1 ? 16.0 : 256
        let each = Array(repeating: matrix, count: 4).joined(separator: ":")
        let weights = Array(repeating: "\(1 / sum)", count: 4).joined(separator: ":")
        let reference = try frame.filtered(by: "convolution=\(each):\(weights)")
        // ffmpeg mirrors at the edges, and rounds otherwise.
        for channel in 0..<3 {
            let (ours, theirs) = (made.samples(channel), reference.samples(channel))
            let inner = { (samples: Samples) in
                Samples(samples.width - 4, samples.height - 4) { samples[$0 + 2, $1 + 2] }
            }
            #expect(difference(inner(ours), inner(theirs)).largest <= 1)
        }
        // Without parameters it is the stronger one.
        let strong = try apply(.blur, to: frame)
        #expect((strong.packedData == made.packedData) == (radius == 2))
    }

    private static let binomial: String = {
        let weights = [1, 4, 6, 4, 1]
        return weights.flatMap { down in weights.map { "\(down * $0)" } }.joined(separator: " ")
    }()

    @Test func denoiseIsFFmpegsMedian() throws {
        let frame = try source()
        let made = try apply(.denoise, to: frame)
        let reference = try frame.filtered(by: "median=radius=1")
        for channel in 0..<3 {
            let (ours, theirs) = (made.samples(channel), reference.samples(channel))
            let differing = zip(ours.values, theirs.values).filter { $0 != $1 }.count
            // The edges' neighbourhoods are another matter.
            #expect(differing <= 2 * (ours.width + ours.height))
        }
    }

    @Test func denoiseTakesNoiseOutOfInterleavedChroma() throws {
        let planar = try apply(.denoise, to: try source(.yuv420))
        let interleaved = try apply(.denoise, to: try source(.nv12))
        for channel in 0..<3 { #expect(planar.samples(channel) == interleaved.samples(channel)) }
    }

    @Test func solarizeFollowsItsNumbers() throws {
        // Of luma, in full range.
        let ramp = try Frame.laidDown(
            Picture(
                planes: [Samples(256, 2) { x, _ in Double(x) }], color: .jpeg, sharing: (1, 1)), .grey)
        let plain = try apply(.solarize, [1], to: ramp).samples(0)
        let bent = try apply(.solarize, [1, 100, 50, 200, 20], to: ramp).samples(0)
        for value in 0..<256 {
            let expected =
                value < 128 ? Double(value) / 127 * 128 : 128 - Double(value - 128) / 127 * 128
            #expect(abs(plain[value, 0] - expected) <= 0.5)
            let other = value < 100 ? Double(value) / 99 * 50 : 200 - Double(value - 100) / 155 * 180
            #expect(abs(bent[value, 0] - other) <= 0.5)
        }
        // Of red, green and blue: each by itself.
        let colors = try Frame.plain(
            Color(red: 20, green: 250, blue: 128), Resolution(4, 4), .rgb24, .sRGB)
        let found = try apply(.solarize, to: colors).rgb(1, 1)
        #expect(abs(found[0] - 20) <= 1 && abs(found[1] - 5) <= 1 && abs(found[2] - 128) <= 1, "\(found)")
        let four = try apply(.solarize, [128, 128, 128, 0], to: colors)
        #expect(four.packedData == (try apply(.solarize, [0], to: colors)).packedData)
    }

    @Test(arguments: [PixelFormat.rgb24, .bgr24, .rgba, .bgra, .nv12, .yuyv])
    func colorsChangePlaces(_ format: PixelFormat) throws {
        let color = Color(red: 200, green: 120, blue: 40)
        let frame = try Frame.plain(color, Resolution(8, 8), format, format.isRGB ? .sRGB : .bt709)
        for (direction, expected) in [(0.0, SIMD3(40.0, 120, 200)), (1, SIMD3(40, 200, 120))] {
            let found = try apply(.colorswap, [direction], to: frame).rgb(2, 2)
            for channel in 0..<3 { #expect(abs(found[channel] - expected[channel]) <= 4, "\(direction): \(found)") }
        }
    }

    @Test func posteriseLeavesFewValues() throws {
        let frame = try source(.rgb24, .sRGB)
        for steps in [2, 4, 31] {
            let made = try apply(.posterise, [Double(steps)], to: frame)
            let values = Set(made.samples(0).values + made.samples(1).values + made.samples(2).values)
            #expect(values.count <= steps && values.contains(0) && values.contains(255))
        }
    }

    @Test func colorBalanceAmplifies() throws {
        let frame = try Frame.plain(Color(red: 100, green: 100, blue: 100), Resolution(64, 64), .rgb24, .sRGB)
        #expect(try apply(.colorbalance, [0, 2, 1.5, 0.5], to: frame).rgb(9, 9) == SIMD3(200, 150, 50))
        #expect(try apply(.colorbalance, [0, 256, 0], to: frame).rgb(9, 9) == SIMD3(255, 100, 0))
        let blue = try apply(.colorbalance, [0, 1, 1, 1, 50, 0], to: frame).rgb(9, 9)
        #expect(blue[2] > 180 && blue[0] == 100 && blue[1] < 100)
        let lens = try apply(.colorbalance, [256, 1, 1], to: frame)
        #expect(lens.rgb(0, 0)[0] > 190 && abs(lens.rgb(32, 32)[0] - 100) <= 1)
    }

    @Test func colorPointKeepsOneKind() throws {
        let colors: [(Color, Double)] = [
            (Color(red: 0, green: 200, blue: 0), 0), (Color(red: 220, green: 40, blue: 0), 1),
            (Color(red: 0, green: 120, blue: 220), 2), (Color(red: 200, green: 0, blue: 200), 3),
        ]
        for format in [PixelFormat.yuv420, .nv12, .nv21, .yuv422] {
            for (color, own) in colors {
                let frame = try Frame.plain(color, Resolution(8, 8), format, .bt601)
                for quadrant in [0.0, 1, 2, 3] {
                    let made = try apply(.colorpoint, [quadrant], to: frame)
                    #expect(
                        (made.packedData == frame.packedData) == (quadrant == own), "\(format) \(color) \(quadrant)")
                    if quadrant != own { #expect(made.sample(1, 4, 4) == 128 && made.sample(2, 4, 4) == 128) }
                }
            }
        }
    }

    @Test func filmHasGrainThatMoves() throws {
        let frame = try Frame.plain(Color(red: 128, green: 128, blue: 128), Self.size, .yuv420, .jpeg)
        func spread(_ strength: Double) throws -> Double {
            let luma = try apply(.film, [strength, 0, 0], to: frame).samples(0)
            let mean = luma.mean
            return luma.map { ($0 - mean) * ($0 - mean) }.mean.squareRoot()
        }
        #expect(try spread(0) == 0)
        #expect(abs(try spread(40) - 10) < 2)
        let again = try apply(.film, to: frame)
        #expect(again.packedData == (try apply(.film, to: frame)).packedData)
        var later = Frame.testInfo
        later.sequence += 1
        let next = try Frame.plain(Color(red: 128, green: 128, blue: 128), Self.size, .yuv420, .jpeg, info: later)
        #expect(again.packedData != (try apply(.film, to: next)).packedData)
        let blue = try apply(.film, [0, 60, 10], to: frame)
        #expect(blue.sample(1, 5, 5) == 188 && blue.sample(2, 5, 5) == 138)
    }

    @Test func sketchIsDarkLinesOnWhite() throws {
        for color in [ColorSpace.bt601, .jpeg] {
            let frame = try Frame.laidDown(
                Picture(64, 48) { x, _ in x < 32 ? SIMD3(20, 20, 20) : SIMD3(230, 60, 60) }.recolored(color)
                    .shared(2, 2), .nv12)
            let made = try apply(.sketch, to: frame)
            let (paper, ink) = color.range == .full ? (255.0, 0.0) : (235, 16)
            #expect(made.sample(0, 5, 20) == paper && made.sample(0, 60, 20) == paper)
            #expect(made.sample(0, 32, 20) < ink + 40)
            #expect(made.samples(1).values.allSatisfy { $0 == 128 })
        }
    }

    @Test func embossIsGreyWithEdges() throws {
        let frame = try Frame.laidDown(
            Picture(64, 48) { x, _ in x < 32 ? SIMD3(20, 20, 20) : SIMD3(230, 60, 60) }.recolored(.jpeg).shared(2, 2),
            .yuv420)
        let made = try apply(.emboss, to: frame)
        #expect(made.sample(0, 5, 20) == 128 && abs(made.sample(0, 32, 20) - 128) > 30)
        #expect(made.samples(2).values.allSatisfy { $0 == 128 })
    }

    @Test func saturationAndWashedOutChangeColours() throws {
        let frame = try Frame.plain(Color(red: 160, green: 110, blue: 90), Resolution(8, 8), .nv12, .bt709)
        func strength(_ frame: Frame) -> Double {
            abs(frame.sample(1, 4, 4) - 128) + abs(frame.sample(2, 4, 4) - 128)
        }
        let (strong, weak) = (try apply(.saturation, to: frame), try apply(.washedout, to: frame))
        #expect(strong.sample(0, 4, 4) == frame.sample(0, 4, 4))
        #expect(strength(strong) > 1.4 * strength(frame) && strength(weak) < 0.7 * strength(frame))
        #expect(weak.sample(0, 4, 4) > frame.sample(0, 4, 4))
    }

    @Test(arguments: [ImageEffect.watercolor, .cartoon]) func flattensPictures(_ effect: ImageEffect) throws {
        let noise = Samples(64, 48) { x, y in 120 + Double((x &* 73 ^ y &* 151) & 31) }
        let flat = Samples(32, 24) { _, _ in 128 }
        let frame = try Frame.laidDown(
            Picture(planes: [noise, flat, flat], color: .jpeg, sharing: (2, 2)), .yuv420)
        func roughness(_ samples: Samples) -> Double {
            (1..<63).reduce(0) { $0 + abs(samples[$1, 20] - samples[$1 - 1, 20]) }
        }
        let made = try apply(effect, to: frame)
        #expect(roughness(made.samples(0)) < 0.6 * roughness(frame.samples(0)))
    }

    @Test func watercolorAddsToChroma() throws {
        let frame = try Frame.plain(.grey, Resolution(16, 16), .nv12, .bt601)
        let made = try apply(.watercolor, [40, 9], to: frame)
        #expect(made.sample(1, 3, 3) == 168 && made.sample(2, 3, 3) == 137)
    }

    @Test(arguments: ImageEffect.allCases, layouts)
    func worksOnEveryLayoutAndSize(_ effect: ImageEffect, _ layout: PixelFormat) throws {
        for size in [Resolution(33, 17), Resolution(1, 1), Resolution(2, 3), Resolution(64, 48)] {
            let frame = try Frame.plain(
                Color(red: 90, green: 120, blue: 200), size, layout, layout.isRGB ? .sRGB : .bt601)
            let made = try frame.styled {
                $0.effect = effect
                $0.colorEffects = ColorEffects(u: 100, v: 150)
                $0.transform = Transform(rotation: .clockwise90)
            }
            #expect(made.format == layout && made.size == Resolution(size.height, size.width))
            #expect(made.info == frame.info)
        }
    }

    @Test func colorEffectsPaintInOneColour() throws {
        for format in [PixelFormat.yuv420, .nv12, .nv21, .yuv422, .yuyv, .uyvy] {
            let frame = try source(format)
            let made = try frame.styled { $0.colorEffects = ColorEffects(u: 60, v: 200) }
            #expect(made.samples(0) == frame.samples(0))
            #expect(made.samples(1).values.allSatisfy { $0 == 60 } && made.samples(2).values.allSatisfy { $0 == 200 })
        }
        let grey = try source(.rgba, .sRGB).styled { $0.colorEffects = .blackAndWhite }
        #expect(difference(grey.samples(0), grey.samples(1)).largest <= 1)
        #expect(difference(grey.samples(0), grey.samples(2)).largest <= 1)
    }

    /// picamera's test suite, image_effects2, and the valid forms of image_effects1.
    @Test func countsAndRangesAreChecked() throws {
        let wrong: [(ImageEffect, [Double])] = [
            (.solarize, [3, 3, 3]), (.colorpoint, [1, 1]), (.colorbalance, [1]), (.colorswap, [1, 1]),
            (.posterise, [1, 1]), (.blur, [1, 1]), (.film, [1, 1]), (.film, [12, 2, 3, 4]), (.watercolor, [1]),
            (.watercolor, [1, 2, 3]), (.negative, [1]), (.none, [0]), (.blur, [3]), (.posterise, [1]),
            (.posterise, [32]), (.colorpoint, [4]), (.colorbalance, [0, 257, 1]), (.film, [1, -1, 0]),
            (.solarize, [.nan]), (.solarize, [256, 0, 0, 0]),
        ]
        for (effect, parameters) in wrong {
            var style = PictureStyle()
            (style.effect, style.effectParameters) = (effect, parameters)
            let error = #expect(throws: CameraError.self, "\(effect) \(parameters)") { try PreparedStyle(style) }
            #expect(error?.code == .invalidValue && error?.description.contains(effect.rawValue) == true)
        }
        let right: [(ImageEffect, [Double])] = [
            (.solarize, [1, 128, 128, 128, 0]), (.solarize, [128, 128, 128, 0]), (.solarize, [0]), (.colorpoint, [3]),
            (.colorbalance, [0, 1, 1, 1, 0, 0]), (.colorbalance, [0, 1, 1, 1]), (.colorbalance, [0, 1, 1]),
            (.colorswap, [1]), (.posterise, [2]), (.posterise, [31]), (.blur, [1]), (.film, [50, 128, 128]),
            (.watercolor, []), (.watercolor, [128, 128]),
        ]
        for (effect, parameters) in right {
            var style = PictureStyle()
            (style.effect, style.effectParameters) = (effect, parameters)
            _ = try PreparedStyle(style)
        }
    }

    @Test func namesThatAreNotOfferedSayWhy() throws {
        #expect(try ImageEffect(parsing: "posterise") == .posterise)
        for name in ["oilpaint", "hatch", "gpen", "pastel", "deinterlace1", "deinterlace2"] {
            let error = #expect(throws: CameraError.self) { try ImageEffect(parsing: name) }
            #expect(error?.code == .unsupported && error?.description.contains("watercolor") == true)
        }
        let error = #expect(throws: CameraError.self) { try ImageEffect(parsing: "magic") }
        #expect(error?.code == .invalidValue && error?.description.contains("watercolor") == true)
    }

    @Test(arguments: ImageEffect.allCases) func leavesPicturesToLookAt(_ effect: ImageEffect) throws {
        let frame = try Frame.made(by: "mandelbrot", Resolution(480, 270), .nv12)
        try apply(effect, to: frame).leave(as: "effect-\(effect.rawValue)")
    }
}
