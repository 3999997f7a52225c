// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraEncoders
internal import CameraKit
internal import CameraOutputs

/// Where the pictures of a live stream come from: a recording that runs anyway, or one of its own while somebody watches.
///
/// Used by the station's thread alone.
struct LiveRun {
    private let stream: LiveStream
    private let port: Int
    /// The recording of its own.
    private var own: Source?
    /// A recording for other purposes that it shares.
    private var shared: Source?
    /// Since when nobody watches.
    private var idleSince: Timestamp?
    private var attempts = Attempts()

    private struct Source {
        let feed: LiveFeed
        let recording: Recording
        /// The key of the added output; nil for a recording of its own.
        let key: OutputKey?
    }

    /// How long the encode goes on when nobody watches any more: a page that is loaded again finds it running.
    private static let lingering = Duration.seconds(3)

    init(_ stream: LiveStream, port: Int) {
        (self.stream, self.port) = (stream, port)
    }

    /// When it has to look again.
    var nextLook: Timestamp? {
        let end = own == nil && shared == nil ? nil : idleSince.map { $0 + Self.lingering }
        return [attempts.next, end].compactMap(\.self).min()
    }

    /// Whether an encode of its own runs.
    var isRunning: Bool { own != nil }

    /// Brings what runs to what is wanted.
    ///
    /// - Parameters:
    ///   - camera: The camera.
    ///   - hosts: Its recordings that run.
    ///   - plan: How it is encoded.
    ///   - onChange: Called when a feed begins or ends; must not wait.
    mutating func reconcile(
        _ camera: Camera, _ hosts: [Recording], _ plan: ServedCamera, onChange: @escaping @Sendable () -> Void
    ) {
        forgetEnded()
        guard isWanted else { return stop() }
        if let host = hosts.first(where: { $0.splitterPort != port && $0.encoder.format == stream.format }) {
            share(host, onChange)
        } else {
            shared = nil
        }
        // The old source goes when the new one has shown its first picture.
        if shared?.feed.hasShown == true { stopOwn() }
        if shared == nil, own == nil, attempts.isDue { start(camera, plan, onChange) }
    }

    /// Whether somebody watches, or did a moment ago.
    private var isWanted: Bool {
        mutating get {
            guard stream.viewerCount == 0 else {
                idleSince = nil
                return true
            }
            guard own != nil || shared != nil else { return false }
            let since = idleSince ?? .now
            idleSince = since
            return since + Self.lingering > .now
        }
    }

    private mutating func forgetEnded() {
        if let shared, shared.feed.isEnded { self.shared = nil }
        if let own, own.feed.isEnded || own.recording.state == .ended { stopOwn() }
    }

    private mutating func share(_ host: Recording, _ onChange: @escaping @Sendable () -> Void) {
        if let shared, shared.recording.encoder === host.encoder { return }
        removeShared()
        let feed = LiveFeed(stream, onChange: onChange)
        do throws(CameraError) {
            shared = Source(feed: feed, recording: host, key: try host.add(.output(feed)))
        } catch {
            // It has just ended: there is another turn when that is known.
            feed.end()
        }
    }

    private mutating func start(_ camera: Camera, _ plan: ServedCamera, _ onChange: @escaping @Sendable () -> Void) {
        let feed = LiveFeed(stream, onChange: onChange)
        do throws(CameraError) {
            let options = stream.format == .mjpeg ? EncoderOptions() : plan.options
            let recording = try camera.startRecording(
                to: .output(feed), format: stream.format, splitterPort: port, options: options)
            own = Source(feed: feed, recording: recording, key: nil)
            attempts.succeed()
        } catch {
            feed.end()
            attempts.fail()
        }
    }

    /// Ends what runs for those who watch.
    mutating func stop() {
        removeShared()
        stopOwn()
    }

    private mutating func removeShared() {
        guard let source = shared.take(), let key = source.key else { return }
        // It fails where the recording has ended, which has closed it.
        try? source.recording.remove(key)
    }

    private mutating func stopOwn() {
        guard let source = own.take() else { return }
        // What it failed with is the camera's error, which is told by itself.
        try? source.recording.stop()
    }
}
