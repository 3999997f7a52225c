// SPDX-License-Identifier: MIT

public import CameraCore
internal import CameraEncoders
internal import CameraOutputs

extension Camera {
    /// Starts recordings of several cameras together; none is started when one cannot be, and no file is left then.
    ///
    /// The files and encoders of all recordings are made ready first, one recording after the other. Then each camera's next
    /// frame is the first of all its recordings.
    ///
    /// ```swift
    /// try Camera.startRecordings([
    ///     (left, RecordingRequest(to: "left.h264")), (right, RecordingRequest(to: "right.h264")),
    /// ])
    /// ```
    ///
    /// Frames of different cameras are not taken at the same moment; ``VideoFrame/sensorTime`` tells how far apart they
    /// are. Each recording is split, waited for and stopped by its own camera.
    ///
    /// - Parameter requests: What to record of which camera, each on a port of its own.
    /// - Returns: The recordings, in the order of the requests.
    /// - Throws: What ``startRecording(to:format:resize:splitterPort:splitting:retention:frameLimit:durationLimit:onDisconnect:sync:motionOutput:metadataOutput:options:encoder:)`` throws;
    ///   `.busy` when two recordings have the same file or output.
    @discardableResult
    public static func startRecordings(
        _ requests: [(camera: Camera, request: RecordingRequest)]
    ) throws(CameraError) -> [Recording] {
        try refuseSharedOutputs(requests.map(\.request))
        var ready: [Ready] = []
        do throws(CameraError) {
            for (camera, request) in requests { ready.append(try camera.prepareRecording(request)) }
            // Before the first frame, so that user code on a callback thread finds its recording.
            for recording in ready { try recording.camera.open.install(recording.encoder, on: recording.port) }
            try CameraEncoder.startTogether(ready.map(\.start))
        } catch {
            for recording in ready {
                CameraEncoder.cancel(recording.start)
                // It was never given a frame, and the first error counts.
                try? recording.encoder.close()
                recording.camera.open.release(recording.port, recording.encoder)
            }
            throw error
        }
        return ready.map { Recording(camera: $0.camera, splitterPort: $0.port, encoder: $0.encoder) }
    }

    /// A recording that is ready but for the frames.
    private struct Ready {
        let camera: Camera
        let port: Int
        let encoder: VideoEncoder
        let start: CameraEncoder.PreparedStart
    }

    /// Throws when two recordings would write into the same output; files are looked at when they are opened.
    private static func refuseSharedOutputs(_ requests: [RecordingRequest]) throws(CameraError) {
        var seen: Set<ObjectIdentifier> = []
        for target in requests.flatMap(\.outputs.values) {
            guard case .output(let output) = target else { continue }
            guard seen.insert(ObjectIdentifier(output)).inserted else {
                throw CameraError(
                    .busy, "starting the recordings", reason: "one output would receive two of them; give each its own")
            }
        }
    }

    private func prepareRecording(_ request: RecordingRequest) throws(CameraError) -> Ready {
        try checkOpen("starting the recording")
        let port = request.splitterPort
        try open.reserve(port, "starting the recording")
        var keeper: RetentionKeeper?
        do throws(CameraError) {
            keeper = try makeKeeper(request)
            let encoder = try makeEncoder(request, keeper)
            return Ready(camera: self, port: port, encoder: encoder, start: try prepare(request, encoder, keeper))
        } catch {
            keeper?.end(waiting: false)
            open.release(port)
            throw error
        }
    }
}
