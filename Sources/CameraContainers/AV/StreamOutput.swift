// SPDX-License-Identifier: MIT

#if Containers

internal import CAVFormat
internal import CameraAV
public import CameraCore
internal import CameraOutputs

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
    private let pictures: MuxedPictures

    /// Connects.
    ///
    /// - Parameter url: The address.
    /// - Throws: `.invalidFormat` for a protocol that is not known; `.missingLibrary`; `.output` when nobody answers.
    public convenience init(url: String) throws(CameraError) { try self.init(url: url, patience: Self.patience) }

    /// Connects, with another patience.
    package init(url: String, patience: Duration) throws(CameraError) {
        let kind = try Self.kind(of: url)
        let connection = try StreamConnection(url, opens: kind != .realTimeStream, patience: patience)
        (self.url, self.kind, self.connection) = (url, kind, connection)
        pictures = MuxedPictures(Self.operation, url) { stream, sets, first throws(CameraError) -> Muxer in
            try Muxer(
                kind, stream: stream, parameterSets: sets, first: first, to: .connection(connection), name: url)
        }
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
        pictures.begin(stream)
    }

    /// Sends a picture.
    ///
    /// - Throws: `.output` when the connection is broken; `.timedOut` after ``patience``.
    public func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
        connection.setDeadline()
        try pictures.write(bytes, info)
    }

    /// Tells the receiver that it is over.
    public func end() throws {
        connection.setDeadline()
        try pictures.end()
    }

    /// Closes the connection.
    public func close() { connection.close() }

    private static let operation = "sending the stream"
}

#endif
