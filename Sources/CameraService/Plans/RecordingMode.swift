// SPDX-License-Identifier: MIT

internal import CameraKit

/// When a camera records.
enum RecordingMode: String, Sendable, CaseIterable {
    /// Always.
    case continuous
    /// In the hours of a timetable.
    case schedule
    /// When the page or the API asks for it.
    case trigger
    /// While something moves.
    case motion

    /// Reads the mode's name.
    @Sendable init(parsing text: String) throws(CameraError) {
        guard let mode = Self(rawValue: text) else {
            throw Check.refusal("write \(Self.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self = mode
    }
}
