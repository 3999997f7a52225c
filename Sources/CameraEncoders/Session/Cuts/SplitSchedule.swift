// SPDX-License-Identifier: MIT

internal import CameraCore

/// Tells for each frame that enters the codec whether a rule wants a cut there.
struct SplitSchedule {
    private let length: SplitRule.Length
    private var framesInFile = 0
    private var cutsDone: Int64 = 0
    /// Whether a cut that was noted was not made.
    private var isOverdue = false

    init(_ rule: SplitRule) {
        self.length = rule.length
    }

    /// Whether the next frame should begin a file.
    ///
    /// - Parameters:
    ///   - elapsed: Sensor time from the recording's first frame to this one.
    ///   - bytesInFile: What the codec gave since the last cut.
    /// - Returns: Whether the rule wants a cut.
    func isDue(elapsed: Duration, bytesInFile: Int) -> Bool {
        if isOverdue { return true }
        return switch length {
        case .frames(let count): framesInFile >= count
        case .seconds(let period): elapsed.nanoseconds / max(period.nanoseconds, 1) > cutsDone
        case .bytes(let count): framesInFile > 0 && bytesInFile >= count
        }
    }

    /// Notes that a frame went into the present file.
    mutating func noteFrame() { framesInFile += 1 }

    /// Notes that the last cut was not made.
    mutating func noteMissedCut() { isOverdue = true }

    /// Notes that the next frame begins a file.
    mutating func noteCut(elapsed: Duration) {
        framesInFile = 0
        isOverdue = false
        if case .seconds(let period) = length { cutsDone = elapsed.nanoseconds / max(period.nanoseconds, 1) }
    }
}
