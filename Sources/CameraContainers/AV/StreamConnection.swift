// SPDX-License-Identifier: MIT

#if Containers

internal import CAVFormat
internal import CameraAV
internal import CameraCore
internal import Synchronization

/// A connection of libavformat's, whose calls end at a deadline.
final class StreamConnection: @unchecked Sendable {
    // Unchecked: an output's calls come one at a time; libavformat's threads look at the deadline alone.
    private let url: String
    private let patience: Duration
    private let libraries: AVLibraries
    private(set) var writer: UnsafeMutablePointer<AVIOContext>?
    private let deadline = Atomic<Int64>(.max)

    /// Connects.
    ///
    /// - Parameters:
    ///   - url: The address.
    ///   - opens: Whether the address is connected here; a muxer that is its own protocol does it with its header.
    ///   - patience: The longest time that a call waits for the network.
    /// - Throws: `.missingLibrary`; `.output` when nobody answers; `.timedOut`.
    init(_ url: String, opens: Bool, patience: Duration) throws(CameraError) {
        (self.url, self.patience) = (url, patience)
        libraries = try AVLibraries.loaded()
        _ = libraries.functions.avformat_network_init()
        guard opens else { return }
        setDeadline()
        var interruption = interruption
        var options: OpaquePointer?
        // Packets of a transport stream in datagrams of an Ethernet frame's size.
        _ = libraries.functions.av_dict_set(&options, "pkt_size", "1316", 0)
        // SRT forgets what has not arrived when it is closed, unless it is given time for it, in seconds.
        _ = libraries.functions.av_dict_set(&options, "linger", "1", 0)
        defer { libraries.functions.av_dict_free(&options) }
        let code = libraries.functions.avio_open2(&writer, url, AVIO_FLAG_WRITE, &interruption, &options)
        guard code < 0 else { return }
        throw interruptionError
            ?? CameraError(
                .output, "connecting", subject: url, reason: "nobody answers: \(libraries.message(code))")
    }

    deinit { close() }

    /// Gives the calls from now on as long as they may wait.
    func setDeadline() {
        let end = Timestamp.now + patience
        deadline.store(end.nanoseconds, ordering: .relaxed)
    }

    /// What libavformat asks while it waits.
    var interruption: AVIOInterruptCB {
        AVIOInterruptCB(
            callback: { owner in
                guard let owner else { return 1 }
                return Unmanaged<StreamConnection>.fromOpaque(owner).takeUnretainedValue().isLate ? 1 : 0
            }, opaque: Unmanaged.passUnretained(self).toOpaque())
    }

    private var isLate: Bool { Timestamp.now.nanoseconds >= deadline.load(ordering: .relaxed) }

    /// The error of a call that was given up; nil when it failed before its deadline.
    var interruptionError: CameraError? {
        guard isLate else { return nil }
        return CameraError(
            .timedOut, "sending the stream", subject: url,
            reason: "the network took nothing for \(patience)")
    }

    func close() {
        setDeadline()
        if writer != nil { _ = libraries.functions.avio_closep(&writer) }
    }
}

#endif
