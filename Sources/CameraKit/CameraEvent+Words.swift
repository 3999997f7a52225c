// SPDX-License-Identifier: MIT

internal import CameraCore
package import CameraEncoders
internal import CameraOutputs

extension CameraEvent {
    /// The words for what somebody who looks after the camera should know, and the kind of event, of which one a second is enough;
    /// nil for an event that is no warning, or that ends what is told at its end anyway.
    package var warning: (kind: String?, text: String)? {
        switch self {
        case .framesDamaged(let count): (nil, "\(Self.frames(count)) arrived damaged and left out")
        case .picturesDamaged(_, let count, let error):
            (nil, "\(count) \(count == 1 ? "picture" : "pictures") left out: \(error)")
        case .framesDropped(_, let total):
            ("dropped", "frames are being dropped, \(total) so far: the encoder or the output is too slow")
        case .droppingEnded(_, let count, let total):
            ("kept", "\(Self.frames(count)) dropped until now, \(total) in all; none any more")
        case .signalLost: ("signal", "there is no signal at the camera's input")
        case .signalRegained: ("signal back", "the signal at the camera's input is back")
        case .picturesLost(_, let error): ("encoder", "a frame has no picture: \(error)")
        case .shotsMissed(let count, let error): ("shots", Self.words(forMissed: count, error))
        case .outputSlow(_, let time): ("slow", "the output has taken \(Self.seconds(time)) s for one picture")
        case .cutLate(_, let error):
            ("late", "recording goes on in the old file: \(error.map { "\($0)" } ?? "the next one is not open yet")")
        case .cutCaughtUp: ("caught up", "the next file is open; recording goes on in it")
        case .nameTaken(let name, let instead): ("name", Self.words(forTaken: name, instead))
        case .fileRepaired(_, let name, let pictures):
            (nil, "'\(name)' was interrupted, and is whole now with \(Self.frames(pictures))")
        case .outputFailed(_, let error): ("output", "\(error)")
        case .outputChanged(_, let name, let state): Self.words(for: name, state)
        case .retentionFailed(_, let error): (nil, "\(error)")
        case .sourceLost(let error): (nil, "\(error) Waiting for it to return.")
        case .sourceReturned(let name, _): (nil, "it is back as '\(name)'")
        case .fileFinished, .fileRemoved, .framesLost, .stalled, .recordingFailed, .recordingEnded, .sourceEnded,
            .sourceFailed:
            nil
        }
    }

    /// The words for a name that a template gave, and that something has.
    package static func words(forTaken name: String, _ instead: String) -> String {
        "'\(name)' is there already; '\(instead)' is written, and so on with further names that are taken"
    }

    /// The words for pictures of a timelapse that were not taken.
    private static func words(forMissed count: Int, _ error: CameraError?) -> String {
        "\(count) \(count == 1 ? "shot" : "shots") missed: "
            + (error.map { "\($0)" } ?? "taking one takes longer than the interval")
    }

    /// The words for what a queued output does; nil where it does as it should.
    private static func words(for name: String, _ state: QueuedOutput.State) -> (kind: String?, text: String)? {
        switch state {
        case .failed(let error): ("failed \(name)", "\(error)")
        case .waitingForKeyFrame: ("waiting \(name)", "'\(name)' is too slow and waits for a key frame")
        default: nil
        }
    }

    private static func frames(_ count: Int) -> String { count == 1 ? "1 frame" : "\(count) frames" }

    /// Seconds with one place after the point.
    private static func seconds(_ time: Duration) -> String {
        let tenths = time.nanoseconds / 100_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}
