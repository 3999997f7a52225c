// SPDX-License-Identifier: MIT

/// A filter over pictures, in the camera or in software.
///
/// A camera offers those that its driver has; in software all of them work on any picture.
public enum ImageEffect: String, Hashable, Sendable, CaseIterable {
    /// No filter.
    case none
    /// Exchanges bright and dark, and each colour and its complement.
    case negative
    /// Turns bright parts dark.
    ///
    /// Parameters: `yuv, x0, y0, y1, y2`, or without `yuv`, or `yuv` alone: values below x0 become 0...y0, the others
    /// y1...y2; of luma where `yuv` is 1, of red, green and blue where it is 0. Its own choice: 0, 128, 128, 128, 0.
    case solarize
    /// Draws dark lines on white paper.
    case sketch
    /// Takes noise away: each sample becomes the median of its neighbourhood.
    case denoise
    /// Looks stamped into metal.
    case emboss
    /// Looks painted in water: flat patches of colour; parameters: none, or what is added to U and V, 0 to 255.
    case watercolor
    /// Looks like old film: grain of a strength from 0 to 255, and what is added to U and V, 0 to 255.
    ///
    /// Its own choice: 24, 0, 0.
    case film
    /// Blurs; parameter: 1 for a little, 2 for more. Its own choice: 2.
    case blur
    /// Makes the colours stronger.
    case saturation
    /// Exchanges colours; parameter: 0 makes BGR of RGB, 1 makes BRG of it. Its own choice: 0.
    case colorswap
    /// Looks bleached by the sun.
    case washedout
    /// Leaves few steps of each colour; parameter: how many, 2 to 31. Its own choice: 4.
    case posterise
    /// Leaves colour only where it is of one kind: 0 green, 1 red and yellow, 2 blue, 3 purple. Its own choice: 0.
    case colorpoint
    /// Amplifies colours: `lens, r, g, b, u, v`, or without `u, v`, or `lens, r, b`; amplifications 0 to 256.
    ///
    /// What is added to U and V lies in 0 to 255; `lens`, 0 to 256, brightens the corners. Its own choice: 0, 1, 1, 1, 0, 0.
    case colorbalance
    /// Looks drawn: flat patches with dark edges.
    case cartoon

    /// Finds the effect with this name.
    ///
    /// - Throws: `.unsupported` for those of picamera that are not offered here, `.invalidValue` for others.
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
        throw CameraError(.invalidValue, operation, subject: name, reason: "choose one of \(names)")
    }

    /// Names of picamera that have no case, and why.
    package static let left: [String: String] = {
        let brush = "what the camera's firmware draws with it was never described"
        let fields = "frames are whole pictures here, not fields"
        return [
            "oilpaint": brush, "hatch": brush, "gpen": brush, "pastel": brush, "deinterlace1": fields,
            "deinterlace2": fields,
        ]
    }()
}
