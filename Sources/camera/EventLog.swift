// SPDX-License-Identifier: MIT

internal import CameraKit

/// Tells a camera's events as warnings, each kind once per second at most; of some the library sees to that.
final class EventLog: Sendable {
    private let isDone = Monitor(false)

    /// Listens until the events end with the closing of their camera.
    ///
    /// - Parameters:
    ///   - events: A camera's events.
    ///   - needsAllFrames: Whether frames that its driver loses are of interest.
    init(_ events: AsyncStream<CameraEvent>, needsAllFrames: Bool) {
        Task.detached { [isDone] in
            var printed: [String: Timestamp] = [:]
            for await event in events {
                if case .framesLost = event, !needsAllFrames { continue }
                guard let (kind, text) = Self.warning(event) else { continue }
                let now = Timestamp.now
                if let kind {
                    if let last = printed[kind], now - last < .seconds(1) { continue }
                    printed[kind] = now
                }
                Console.print("camera: \(text)")
            }
            isDone.update { $0 = true }
        }
    }

    /// Waits until the events of a closed camera are told.
    func finish() {
        _ = isDone.wait(until: .now + .seconds(1)) { $0 ? true : nil }
    }

    /// The words for pictures of a timelapse that were not taken.
    static func missed(_ count: Int, _ error: CameraError?) -> String {
        "\(count) \(count == 1 ? "shot" : "shots") missed: "
            + (error.map { "\($0)" } ?? "taking one takes longer than the interval")
    }

    /// The words for pictures that could not be decoded.
    private static func damaged(_ count: Int, _ error: CameraError) -> String {
        "\(count) \(count == 1 ? "picture" : "pictures") left out: \(error)"
    }

    /// The words for an event; nil for what the program's end or its error tells.
    private static func warning(_ event: CameraEvent) -> (kind: String?, text: String)? {
        switch event {
        case .framesDropped(_, let total): ("dropped", "\(total) frames dropped: the encoder or the output is too slow")
        case .framesLost(let count): ("lost", "\(count) frames lost by the camera's driver")
        case .framesDamaged(let count): (nil, "\(count) frames arrived damaged and were left out")
        case .picturesDamaged(_, let count, let error): (nil, Self.damaged(count, error))
        case .signalLost: ("signal", "there is no signal at the camera's input")
        case .signalRegained: ("signal back", "the signal at the camera's input is back")
        case .picturesLost(_, let error): ("encoder", "a frame has no picture: \(error)")
        case .shotsMissed(let count, let error): ("shots", Self.missed(count, error))
        case .outputSlow(_, let time): ("slow", "the output took \(time) for one picture")
        case .cutLate: ("late", "the next file is not open yet; recording goes on in the old one")
        case .outputFailed(_, let error): ("output", "\(error)")
        case .stalled, .recordingFailed, .recordingEnded, .sourceEnded, .sourceFailed: nil
        }
    }
}
