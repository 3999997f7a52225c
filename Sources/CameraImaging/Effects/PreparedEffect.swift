// SPDX-License-Identifier: MIT

internal import CameraCore

/// A filter with its checked parameters.
struct PreparedEffect: Sendable {
    let kind: ImageEffect
    /// The parameters; the effect's defaults where none were given.
    let parameters: [Double]

    /// Checks the number of the parameters and their ranges.
    ///
    /// - Throws: `.invalidValue` that tells what the effect takes.
    init(_ kind: ImageEffect, _ parameters: [Double]) throws(CameraError) {
        self.kind = kind
        let forms = Self.forms(of: kind)
        guard !parameters.isEmpty else {
            self.parameters = forms.first?.choice ?? []
            return
        }
        guard let form = forms.first(where: { $0.ranges.count == parameters.count }) else {
            let counts = forms.map { "\($0.ranges.count)" }.joined(separator: " or ")
            throw CameraError(
                .invalidValue, "setting the image effect", subject: kind.rawValue,
                reason: forms.isEmpty
                    ? "it takes no parameters" : "it takes \(counts) parameters, and \(parameters.count) were given")
        }
        for (index, (value, range)) in zip(parameters, form.ranges).enumerated() where !range.contains(value) {
            throw CameraError(
                .invalidValue, "setting the image effect", subject: kind.rawValue,
                reason: "parameter \(index + 1) is \(value) and must lie in \(range)")
        }
        self.parameters = form.complete(parameters)
    }

    /// Whether it works on red, green and blue instead of luma and chroma.
    var needsRGB: Bool {
        switch kind {
        case .colorswap, .colorbalance, .posterise: true
        case .solarize: parameters[0] == 0
        default: false
        }
    }

    /// One way to give the parameters of an effect.
    private struct Form {
        let ranges: [ClosedRange<Double>]
        /// The defaults, for when no parameters are given.
        var choice: [Double] = []
        /// Completes the parameters of this form to the full list.
        var complete: ([Double]) -> [Double] = { $0 }
    }

    /// picamera's ways to give the parameters.
    private static func forms(of kind: ImageEffect) -> [Form] {
        let (flag, byte, gain) = (0.0...1, 0.0...255, 0.0...256)
        switch kind {
        case .solarize:
            return [
                Form(ranges: [flag, byte, byte, byte, byte], choice: [0, 128, 128, 128, 0]),
                Form(ranges: [byte, byte, byte, byte], complete: { [0] + $0 }),
                Form(ranges: [flag], complete: { $0 + [128, 128, 128, 0] }),
            ]
        case .colorbalance:
            return [
                Form(ranges: [gain, gain, gain, gain, byte, byte], choice: [0, 1, 1, 1, 0, 0]),
                Form(ranges: [gain, gain, gain, gain], complete: { $0 + [0, 0] }),
                Form(ranges: [gain, gain, gain], complete: { [$0[0], $0[1], 1, $0[2], 0, 0] }),
            ]
        case .colorpoint: return [Form(ranges: [0...3], choice: [0])]
        case .colorswap: return [Form(ranges: [flag], choice: [0])]
        case .posterise: return [Form(ranges: [2...31], choice: [4])]
        case .blur: return [Form(ranges: [1...2], choice: [2])]
        case .film: return [Form(ranges: [byte, byte, byte], choice: [24, 0, 0])]
        case .watercolor: return [Form(ranges: [byte, byte], choice: [0, 0])]
        default: return []
        }
    }
}
