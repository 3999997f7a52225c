// SPDX-License-Identifier: MIT

#if Containers

internal import CAVFormat
internal import CameraAV
public import CameraCore
internal import CameraOutputs
internal import Synchronization

/// Sends pictures to an address: `rtmp://` and `rtmps://` as FLV, `srt://`, `udp://` and `tcp://` as an MPEG transport stream,
/// `rtsp://` by publishing to a server.
///
/// Its calls wait for the network, ``patience`` at most, and it is for one connection: a recording's path that is an address
/// becomes a `QueuedOutput` of these, which has a thread of its own and connects again. libavformat does the protocols and is
/// loaded when the first of these is made.
public final class StreamOutput: Output {
    /// The longest time that a call waits for the network.
    public static let patience = Duration.seconds(10)

    private let url: String
    private let kind: ContainerKind
    private let connection: StreamConnection
    private let state = Mutex(State())

    private struct State {
        var stream: StreamDescription?
        var muxing: Muxing?
        var last: PacketInfo?
    }

    /// A muxer, used by one thread at a time: who takes it out of the state has it alone.
    private struct Muxing: @unchecked Sendable {
        let muxer: Muxer
    }

    /// Connects.
    ///
    /// - Parameter url: The address.
    /// - Throws: `.invalidFormat` for a protocol that is not known; `.missingLibrary`; `.output` when nobody answers.
    public init(url: String) throws(CameraError) {
        kind = try Self.kind(of: url)
        self.url = url
        connection = try StreamConnection(url, opens: kind != .realTimeStream)
    }

    /// The container for an address.
    ///
    /// - Throws: `.invalidFormat`.
    package static func kind(of url: String) throws(CameraError) -> ContainerKind {
        try OutputTarget.path(url).check(for: .h264, "choosing the protocol")
        let scheme = url.firstRange(of: "://").map { url[..<$0.lowerBound] } ?? ""
        if let kind = ContainerKind(scheme: scheme) { return kind }
        throw CameraError(
            .invalidFormat, "choosing the protocol", subject: url, reason: "an address begins with a protocol and ://")
    }

    /// The address.
    public var name: String? { url }

    /// Takes what the pictures are.
    ///
    /// - Throws: `.unsupported` for pictures that the protocol does not carry.
    public func begin(_ stream: StreamDescription) throws {
        try kind.check(stream.format, Self.operation, url)
        state.withLock { $0.stream = stream }
    }

    /// Sends a picture.
    ///
    /// - Throws: `.output` when the connection is broken; `.timedOut` after ``patience``.
    public func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
        try bytes.withUnsafeBytes { (bytes) throws(CameraError) in try write(bytes, info) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, _ info: PacketInfo) throws(CameraError) {
        // Out of the state while it works: no lock is held over what the network does.
        let (stream, present) = state.withLock { ($0.stream, $0.muxing.take()) }
        guard let stream else {
            throw CameraError(.output, Self.operation, subject: url, reason: "it was not begun, or has ended")
        }
        connection.setDeadline()
        let muxing = if let present { present } else { try begin(stream, bytes, info) }
        try muxing.muxer.write(bytes, info)
        state.withLock { state in
            state.muxing = muxing
            state.last = info
        }
    }

    private func begin(
        _ stream: StreamDescription, _ bytes: UnsafeRawBufferPointer, _ info: PacketInfo
    ) throws(CameraError) -> Muxing {
        Muxing(
            muxer: try Muxer(
                kind, stream: stream, parameterSets: stream.parameterSets(first: bytes, info), first: info,
                to: .connection(connection), name: url))
    }

    /// Tells the receiver that it is over.
    public func end() throws {
        let (muxing, last) = state.withLock { state in
            state.stream = nil
            return (state.muxing.take(), state.last)
        }
        connection.setDeadline()
        if let muxing, let last { try muxing.muxer.finish(last) }
    }

    /// Closes the connection.
    public func close() {
        state.withLock { $0.muxing = nil }
        connection.close()
    }

    private static let operation = "sending the stream"
}

#endif
