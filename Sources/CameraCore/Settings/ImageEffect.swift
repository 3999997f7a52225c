// SPDX-License-Identifier: MIT

/// A filter over pictures, made by the camera or in software.
///
/// A camera offers the filters that its driver has; in software each filter works on any picture. Some take parameters,
/// which are numbers; a filter with parameters is always made in software.
public enum ImageEffect: String, Hashable, Sendable, CaseIterable {
    /// No filter.
    case none
    /// Inverts brightness and colours.
    case negative
    /// Inverts the bright parts.
    ///
    /// Parameters: `yuv, x0, y0, y1, y2`, or the last four, or `yuv` alone. Values below x0 become 0...y0, the others
    /// y1...y2: those of luma where `yuv` is 1, those of red, green and blue where it is 0. Without parameters: 0, 128,
    /// 128, 128, 0.
    case solarize
    /// Draws dark lines on white paper.
    case sketch
    /// Reduces noise: each sample becomes the median of its neighbourhood.
    case denoise
    /// Looks embossed: a grey relief.
    case emboss
    /// Looks like watercolour: flat patches of colour.
    ///
    /// Parameters: two numbers from 0 to 255, added to U and V. Without parameters: 0, 0.
    case watercolor
    /// Looks like old film: grain and pale colours.
    ///
    /// Parameters: the strength of the grain, and two numbers that are added to U and V, all from 0 to 255. Without
    /// parameters: 24, 0, 0.
    case film
    /// Blurs.
    ///
    /// Parameter: 1 for a little, 2 for more. Without a parameter: 2.
    case blur
    /// Makes the colours stronger.
    case saturation
    /// Exchanges the colours of each pixel.
    ///
    /// Parameter: 0 makes BGR of RGB, 1 makes BRG of RGB. Without a parameter: 0.
    case colorswap
    /// Looks washed out: brighter, with less contrast and paler colours.
    case washedout
    /// Reduces each colour to a few levels.
    ///
    /// Parameter: the number of levels, 2 to 31. Without a parameter: 4.
    case posterise
    /// Keeps one kind of colour; everything else becomes grey.
    ///
    /// Parameter: what keeps its colour: 0 green, 1 red and yellow, 2 blue, 3 purple. Without a parameter: 0.
    case colorpoint
    /// Amplifies red, green and blue.
    ///
    /// Parameters: `lens, r, g, b, u, v`, or without `u, v`, or `lens, r, b`. `r`, `g` and `b` are factors from 0 to
    /// 256; `u` and `v`, 0 to 255, are added to U and V; `lens`, 0 to 256, brightens the corners. Without parameters:
    /// 0, 1, 1, 1, 0, 0.
    case colorbalance
    /// Looks like a cartoon: flat patches of colour with dark edges.
    case cartoon

    /// Finds the effect with this name.
    ///
    /// - Throws: `.unsupported` for effects of picamera that are not offered here, `.invalidValue` for other names.
    public init(parsing name: String) throws(CameraError) {
        if let known = ImageEffect(rawValue: name) {
            self = known
            return
        }
        let operation = "choosing an image effect"
        let names = Self.allCases.map(\.rawValue).joined(separator: ", ")
        if let reason = Self.left[name] {
            throw CameraError(.unsupported, operation, subject: name, reason: "\(reason); choose one of \(names)")
        }
        let suggestion = name.suggestion(among: Self.allCases.map(\.rawValue))
        throw CameraError(
            .invalidValue, operation, subject: name,
            reason: suggestion.isEmpty ? "choose one of \(names)" : "there is no such effect\(suggestion)")
    }

    /// picamera's effects that have no case, and the reason for each.
    package static let left: [String: String] = {
        let brush = "what the camera's firmware draws with it was never described"
        let fields = "frames are whole pictures here, not fields"
        return [
            "oilpaint": brush, "hatch": brush, "gpen": brush, "pastel": brush, "deinterlace1": fields,
            "deinterlace2": fields,
        ]
    }()
}
