// SPDX-License-Identifier: MIT

internal import CameraCore

/// Shows live pictures by RTSP (RFC 2326), as recorders and players read them.
///
/// Each connection has one session at most, which ends with it. Any task may call.
package final class RTSPServer: Sendable {
    /// What clients may ask for, and how long they may take.
    package struct Limits: Sendable {
        /// How long a client that is sent datagrams, or nothing, may be silent; clients are told.
        package var silence = Duration.seconds(60)
        /// How long a request takes from its first byte to its last.
        package var request = Duration.seconds(10)
        /// How long a description waits for a camera's first picture.
        package var description = Duration.seconds(10)
        /// How long PLAY waits for a picture that it can tell the time of.
        package var start = Duration.seconds(2)
        /// Bytes of a request's body.
        package var bodyByteCount = 4096
        /// Where datagrams come from, two ports for each client.
        package var ports = 6970...7969
    }

    let password: String?
    let wrongPasswords: WrongPasswords
    let limits: Limits
    let ports: DatagramPorts
    /// What it has done.
    package let counts = RTSPCounts()
    private let streams: @Sendable (String) -> LiveStream?

    /// - Parameters:
    ///   - password: The password of the user "camera"; nil lets everybody in.
    ///   - wrongPasswords: Counts those of each address.
    ///   - limits: What clients may ask for.
    ///   - streams: The live stream of a path such as "lobby" or "lobby/mjpeg"; nil for one that is not there.
    init(
        password: String?, wrongPasswords: WrongPasswords, limits: Limits,
        streams: @escaping @Sendable (String) -> LiveStream?
    ) {
        self.password = password
        self.wrongPasswords = wrongPasswords
        self.limits = limits
        self.streams = streams
        ports = DatagramPorts(limits.ports)
    }

    /// The live stream of a path.
    func stream(_ path: String) -> LiveStream? { streams(path) }

    /// Serves one connection until it ends; given to a ``Listener``.
    func serve(_ connection: Connection) async {
        let ending = WakeUpCall()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                var conversation = RTSPConversation(self, connection, onEnd: { ending.call() })
                await conversation.run()
            }
            // A stream that has ended, or a client that takes nothing, is not read from any more.
            group.addTask { await ending.wait() }
            await group.next()
            group.cancelAll()
        }
        if !Task.isCancelled { await connection.finish() }
    }
}
