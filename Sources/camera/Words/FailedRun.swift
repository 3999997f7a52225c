// SPDX-License-Identifier: MIT

internal import CameraKit

/// An error that ended a run, and what the run came to before.
struct FailedRun: Error, CustomStringConvertible {
    let cause: CameraError
    /// A sentence without its full stop.
    let totals: String

    /// The error and the totals on one line.
    var description: String {
        let text = "\(cause)"
        return "\(text)\(text.hasSuffix(".") ? "" : ".") \(totals)."
    }
}
