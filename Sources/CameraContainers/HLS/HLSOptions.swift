// SPDX-License-Identifier: MIT

internal import CameraCore

/// How a playlist of HTTP Live Streaming is written.
public struct HLSOptions: Hashable, Sendable {
    /// What a playlist lists; older segments are removed from it, and later from the folder.
    public enum Window: Hashable, Sendable {
        /// So many of the newest segments, and more of them where they are short: players want three target durations.
        case segments(Int)
        /// The newest segments of so much time together at least.
        case duration(Duration)
        /// All of them, for a recording of hours that is watched from its beginning: the list, which is written anew for each
        /// segment, grows by some 120 bytes each.
        case all
    }

    /// How long a segment is, about: it ends with the key frame that is asked for by then.
    public var segmentDuration = Duration.seconds(2)
    /// What the playlist lists.
    public var window = Window.segments(10)

    /// Options with the values above.
    public init() {}

    /// Throws `.invalidValue` for a length or a window that is not above 0.
    func validate(_ operation: String) throws(CameraError) {
        guard segmentDuration > .zero else {
            throw CameraError(
                .invalidValue, operation, subject: "segments of \(segmentDuration)",
                reason: "their length must be above 0")
        }
        let isPositive =
            switch window {
            case .segments(let count): count > 0
            case .duration(let duration): duration > .zero
            case .all: true
            }
        guard isPositive else {
            throw CameraError(
                .invalidValue, operation, subject: "a playlist of \(window)", reason: "its window must be above 0")
        }
    }
}
