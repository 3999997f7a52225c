// SPDX-License-Identifier: MIT

internal import CameraCore
internal import SystemPackage
internal import V4L2

/// What a few pictures tell of an encoder before the first frame: its parameter sets, and how it gives its packets.
///
/// Drivers give parameter sets only with the first picture, but containers and files want them before. So some frames,
/// grey and with a pattern, are encoded, drained and forgotten; the stream that follows a stop of both queues is a new one,
/// with equal sets. An encoder that does not work shows itself here, too.
struct EncoderPrimer {
    /// The parameter sets as a byte stream.
    private(set) var parameterSets: [UInt8] = []
    /// How the end of a picture is known.
    private(set) var end = PictureEnd.frameReturns
    /// How many packets a packet may come after its turn in the order of showing.
    private(set) var delay = 0

    private static let frameCount = 4

    /// Nothing is known of formats that have no parameter sets.
    init() {}

    /// Encodes some frames with an encoder that streams, and stops both queues afterwards.
    ///
    /// - Parameters:
    ///   - encoder: The encoder, just started.
    ///   - configuration: What it was made for.
    ///   - format: What the packets are.
    ///   - patience: How long it may take to answer.
    /// - Throws: The driver's error; `.codec` when it does not answer, gives nothing, or loses the time stamps.
    init(
        _ encoder: StatefulEncoder, _ configuration: CodecConfiguration, _ format: ByteStream.Format,
        patience: Duration
    ) throws {
        let wakeUp = try WakeUp(calls: encoder.device.systemCalls)
        var order: [Timestamp] = []
        var returned: Set<Timestamp> = []
        var settled: Set<Timestamp> = []
        var (keepsFrames, hasPieces) = (false, false)
        func takeRaw() throws { while let raw = try encoder.dequeueRaw() { returned.insert(raw.time) } }
        func take() throws {
            try takeRaw()
            let backBefore = returned
            while try encoder.dequeueCoded({ coded in
                guard !coded.flags.contains(.damaged) else { return }
                let stream = ByteStream(coded.bytes, format)
                if order.isEmpty { for range in stream.parameterSets { parameterSets += coded.bytes[range] } }
                guard stream.hasPicture else { return }
                if order.contains(coded.time) {
                    hasPieces = true
                    // It came after the point at which the picture would have been taken for whole.
                    if settled.contains(coded.time) { end = .nextBegins }
                } else {
                    order.append(coded.time)
                }
            }) {
                // Those of the pictures before must be back by now.
                try takeRaw()
                if !returned.isSuperset(of: order.dropLast()) { keepsFrames = true }
            }
            settled.formUnion(backBefore.intersection(order))
        }
        func wait() throws {
            if try encoder.wait(wakeUp, until: .now + patience).isEmpty { throw encoder.silence(patience) }
            try take()
        }
        let frames = [try Self.frame(configuration) { _ in 128 }, try Self.frame(configuration, Self.pattern)]
        // No more than there are buffers: an encoder that looks ahead may keep all until the drain.
        let count = min(Self.frameCount, encoder.rawBufferCount)
        let times = (0..<count).map { Timestamp.frameTime(Int64($0), configuration.frameRate) }
        for (number, time) in times.enumerated() { try encoder.queue(frames[number % 2], time: time) }
        _ = try encoder.beginDrain()
        while encoder.state == .drain { try wait() }
        for (turn, time) in order.enumerated() {
            guard let index = times.firstIndex(of: time) else {
                throw encoder.failure("it does not copy the time stamps of frames to their packets")
            }
            delay = max(delay, turn - index)
        }
        guard !order.isEmpty else { throw encoder.failure("it gave no picture for \(count) frames") }
        if keepsFrames { end = hasPieces ? .nextBegins : .eachBuffer }
        try encoder.stopRaw()
        try encoder.stopCoded()
    }

    /// Detail in both directions, so that a picture has many bytes: some encoders give only large ones in pieces.
    private static func pattern(_ place: Int) -> UInt8 { 96 + UInt8((place ^ place >> 7) & 63) }

    private static func frame(
        _ configuration: CodecConfiguration, _ value: (Int) -> UInt8
    ) throws(CameraError) -> Frame {
        guard let count = configuration.inputFormat.byteCount(of: configuration.size),
            let bytes = BytePool().take(count)
        else {
            throw CameraError(
                .invalidValue, "configuring the encoder", subject: "\(configuration.size)",
                reason: "there are no frames of \(configuration.inputFormat.name) in this size")
        }
        let memory = UnsafeMutableBufferPointer(
            start: bytes.baseAddress.bindMemory(to: UInt8.self, capacity: count), count: count)
        for place in memory.indices { memory[place] = value(place) }
        let info = FrameInfo(timestamp: .now, wallTime: .now, sequence: 0)
        return Frame(
            packed: configuration.inputFormat, size: configuration.size, color: configuration.color, info: info,
            bytes: bytes)
    }
}

extension Timestamp {
    /// The time that frame number `serial` is known by: no two have the same, and rate control sees the nominal rate.
    static func frameTime(_ serial: Int64, _ rate: FrameRate) -> Timestamp {
        let microseconds = max(Int64(rate.denominator) * 1_000_000 / Int64(max(rate.numerator, 1)), 1)
        // Not zero, which drivers take for none.
        return Timestamp(nanoseconds: (serial &+ 1) &* microseconds &* 1000)
    }
}

extension StatefulEncoder {
    /// The error for a driver that did something that it must not.
    func failure(_ reason: String) -> CameraError {
        CameraError(
            .codec, "encoding with \(device.capabilities.driver)", subject: device.path,
            reason: reason + "; encode in software instead")
    }

    /// The error for a driver that does not answer.
    func silence(_ patience: Duration) -> CameraError {
        failure("it gave nothing back for \(patience)")
    }
}
