// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraKit

/// What the page and other programs are told of a camera.
package struct CameraState: Encodable, Sendable {
    /// What a camera does.
    package enum Phase: String, Encodable, Sendable {
        case opening
        case running
        /// It is not there, or has failed, and is tried again.
        case away
        case closed
    }

    package struct RecordingState: Encodable, Sendable {
        /// Whether the page can start one.
        let isOffered: Bool
        package let isRunning: Bool
        /// The file that is being written.
        let file: String?
        /// When it began, in seconds since 1970.
        let since: Double?
        /// Why the last one failed, or why it cannot go on.
        let failure: String?
        /// Whether events can be triggered.
        let offersEvents: Bool
    }

    package let name: String
    package let state: Phase
    /// Why it is away.
    let message: String?
    let device: String?
    let width: Int?
    let height: Int?
    let frameRate: Double?
    /// The format of the live pictures: "h264", "h265".
    let format: String
    package let recording: RecordingState
    /// Whether something moves; nil where nobody looks for movement.
    package let isMoving: Bool?
    /// What streams to other servers do, by their addresses.
    let publishing: [String: String]
    /// Whether what was recorded can be looked at by days.
    let hasArchive: Bool
    /// How many watch it.
    let viewers: Int
    let statistics: Statistics?
    /// When this was so, in seconds since 1970.
    let time: Double
}

extension Station {
    /// What its camera does; one whose thread hangs is away for all who ask.
    var phase: CameraState.Phase { hang == nil ? shown.state : .away }

    /// What there is to tell of it now.
    var state: CameraState {
        let shown = shown
        let recording = shown.recording.flatMap { $0.state == .running ? $0 : nil }
        let file = recording?.outputs[.frame]?.name
        let rate = shown.camera?.frameRate
        let seconds: (WallTime) -> Double = { Double($0.nanosecondsSince1970) / 1e9 }
        return CameraState(
            name: plan.name, state: phase, message: hang ?? shown.message, device: shown.camera?.name,
            width: shown.camera?.resolution.width, height: shown.camera?.resolution.height,
            frameRate: rate.map { Double($0.numerator) / Double($0.denominator) }, format: plan.format.rawValue,
            recording: CameraState.RecordingState(
                isOffered: plan.template != nil, isRunning: recording != nil, file: file,
                since: shown.recordingSince.map(seconds), failure: shown.recordingFailure,
                offersEvents: plan.ring != nil),
            isMoving: plan.motion == nil ? nil : shown.isMoving,
            publishing: shown.publishing, hasArchive: archive != nil, viewers: video.viewerCount + jpeg.viewerCount,
            statistics: shown.camera?.statistics, time: seconds(.now))
    }
}
