// SPDX-License-Identifier: MIT

public import CameraCore

/// A rule by which a recording goes on in its next file by itself.
public struct SplitRule: Hashable, Sendable {
    /// How long each file is to be.
    public let length: Length

    /// The ways to measure a file.
    public enum Length: Hashable, Sendable {
        /// The number of frames in a file.
        case frames(Int)
        /// Sensor time: the k-th cut comes at the first frame that is k times this or more after the recording's first frame.
        case seconds(Duration)
        /// Bytes: the cut comes at the first frame that enters the codec after that many bytes of the file came out.
        case bytes(Int)
    }

    /// A cut whenever this length is reached.
    public static func every(_ length: Length) -> SplitRule { SplitRule(length: length) }

    /// A cut each time that so much sensor time has passed: `.every(.seconds(60))`.
    public static func every(_ duration: Duration) -> SplitRule { SplitRule(length: .seconds(duration)) }

    /// Reads a rule from text: "60s", "5m", "1h", "1800frames", "100MB".
    ///
    /// - Throws: `.invalidValue`.
    public init(parsing text: String) throws(CameraError) {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        let unit = text[digits.endIndex...].lowercased()
        let seconds: [String: Double] = ["ms": 1e-3, "s": 1, "m": 60, "min": 60, "h": 3600]
        let bytes: [String: Double] = ["b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9]
        if let value = Double(digits), value.isFinite, value > 0, value < 1e12 {
            if ["frames", "frame", "f"].contains(unit), let count = Int(digits) {
                self.init(length: .frames(count))
                return
            }
            // A century and an exabyte: far from the limits of the numbers that follow.
            if let factor = seconds[unit], value * factor <= 3.2e9 {
                self.init(length: .seconds(.nanoseconds(Int64((value * factor * 1e9).rounded()))))
                return
            }
            if let factor = bytes[unit], value * factor >= 1, value * factor <= 1e18 {
                self.init(length: .bytes(Int(value * factor)))
                return
            }
        }
        throw CameraError(
            .invalidValue, "reading the split rule", subject: text, reason: "write it as 60s, 1800frames or 100MB")
    }

    /// Makes a rule that cuts whenever a length is reached.
    public init(length: Length) {
        self.length = length
    }

    /// Checks that the length is above zero, and returns the rule itself.
    ///
    /// - Throws: `.invalidValue`.
    @discardableResult
    package func validated() throws(CameraError) -> SplitRule {
        let isValid =
            switch length {
            case .frames(let count): count > 0
            case .seconds(let duration): duration > .zero
            case .bytes(let count): count > 0
            }
        guard isValid else {
            throw CameraError(
                .invalidValue, "splitting the recording", subject: "\(length)", reason: "the length must be above zero")
        }
        return self
    }
}
