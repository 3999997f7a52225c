// SPDX-License-Identifier: MIT

internal import CameraCore
internal import V4L2

/// Makes packets of an encoder's coded buffers, and keeps account of the frames inside: each comes out once, as a packet
/// or as lost.
///
/// Buffers are matched to frames by their time alone. A buffer with nothing but headers belongs to the next picture. A
/// picture may come in several buffers, of which none says that it is the last: ``PictureEnd`` tells when one is over, and
/// it is in any case when the next begins or the encoder was drained.
struct PictureAssembler {
    /// The parameter sets of the stream; empty where the format has none.
    let parameterSets: [UInt8]
    private let format: ByteStream.Format?
    private var end: PictureEnd
    private let repeatsHeaders: Bool
    private let delay: Int
    private let pool = BytePool()
    private var inside: [Timestamp: Expected] = [:]
    /// Bytes that came before their picture.
    private var front: [UInt8] = []
    /// The picture whose pieces come now.
    private var open: Picture?
    /// Whether the frame of that picture has come back.
    private var openIsReturned: Bool { open.map { returned.contains($0.time) } ?? false }
    /// Frames inside whose raw buffers have come back.
    private var returned: Set<Timestamp> = []
    /// Packets and lost frames so far: the place of the next one in decoding order.
    private var count: Int64 = 0
    /// Why no picture is good until the next key frame; nil when they are.
    private var breakage: String?

    private struct Expected {
        let index: Int64
        let asKeyFrame: Bool
    }

    private struct Picture {
        let time: Timestamp
        var flags: BufferState.Flags
        var bytes: [UInt8]
    }

    /// No encoder gives packets so far out of order (H.264 and H.265 keep 16 pictures): who is overtaken by more is lost.
    private static let largestReordering: Int64 = 32
    /// More headers than this in front of a picture are none.
    private static let largestFront = 1 << 16

    /// Begins a stream.
    ///
    /// - Parameters:
    ///   - format: What the packets are.
    ///   - primer: What is known of the encoder.
    ///   - repeatsHeaders: Whether each key frame has the parameter sets in front; otherwise none has.
    init(_ format: ByteStream.Format?, _ primer: EncoderPrimer, repeatsHeaders: Bool) {
        self.format = format
        self.repeatsHeaders = repeatsHeaders
        parameterSets = primer.parameterSets
        end = format == nil ? .eachBuffer : primer.end
        delay = primer.delay
    }

    /// Whether the encoder has all that it got given back.
    var isEmpty: Bool { inside.isEmpty }
    /// Whether the next frame must be a key frame, since what comes otherwise cannot be decoded.
    var needsKeyFrame: Bool { breakage != nil && !inside.values.contains(where: \.asKeyFrame) }
    /// How often the encoder gave another picture where a key frame was demanded.
    private(set) var disobediences = 0
    /// Whether a buffer came with a time that no frame had: the driver does not copy them.
    private(set) var hasForeignTimes = false
    private var newest = Timestamp(nanoseconds: 0)

    /// Notes a frame that the encoder got.
    mutating func expect(_ index: Int64, at time: Timestamp, asKeyFrame: Bool) {
        inside[time] = Expected(index: index, asKeyFrame: asKeyFrame)
        newest = time
    }

    /// Takes a coded buffer.
    ///
    /// - Returns: What is complete by it.
    mutating func add(_ coded: CodedBuffers.Coded) -> [EncodedFrame] {
        if coded.flags.contains(.damaged) {
            if open?.time == coded.time { open = nil }
            let before = closeOpen()
            front = []
            return before + lose(coded.time, "the encoder marked its packet as damaged", breaksStream: true)
        }
        if let format, !ByteStream(coded.bytes, format).hasPicture, open == nil || open?.time != coded.time {
            // Headers of the next picture: nothing further of the one before comes after them.
            let before = closeOpen()
            if front.count + coded.bytes.count <= Self.largestFront { front += coded.bytes }
            return before
        }
        if open?.time == coded.time {
            open?.bytes += coded.bytes
            open?.flags.formUnion(coded.flags)
            return []
        }
        let before = closeOpen()
        if end == .eachBuffer, front.isEmpty { return before + complete(coded.time, coded.flags, coded.bytes) }
        open = Picture(time: coded.time, flags: coded.flags, bytes: front + coded.bytes)
        front = []
        return end == .eachBuffer ? before + closeOpen() : before
    }

    /// Notes that the encoder is done with a frame's raw buffer.
    mutating func noteReturn(at time: Timestamp) {
        if inside[time] != nil { returned.insert(time) }
    }

    /// Completes the picture that is over, once all coded buffers were taken that there are.
    ///
    /// - Returns: The picture, if there is one.
    mutating func settle() -> [EncodedFrame] {
        end == .frameReturns && openIsReturned ? closeOpen() : []
    }

    /// Gives up the frame with a time.
    ///
    /// - Parameters:
    ///   - time: The time that it was queued with.
    ///   - reason: Why the frame has no packet.
    ///   - breaksStream: Whether others may need its picture.
    /// - Returns: The account of it; nothing when it came out already.
    mutating func lose(_ time: Timestamp, _ reason: String, breaksStream: Bool) -> [EncodedFrame] {
        if breaksStream { breakage = reason }
        if open?.time == time { open = nil }
        guard let expected = takeOut(time) else { return [] }
        return [lost(expected, reason)]
    }

    /// Ends a stream: what was not given yet will never be.
    ///
    /// - Parameter reason: Why the frames that are still inside have no packets.
    /// - Returns: The last picture, and the account of these frames.
    mutating func finish(_ reason: String) -> [EncodedFrame] {
        let before = closeOpen()
        front = []
        let rest = inside.values.sorted { $0.index < $1.index }
        inside = [:]
        returned = []
        return before + rest.map { lost($0, reason) }
    }

    private mutating func closeOpen() -> [EncodedFrame] {
        guard let picture = open.take() else { return [] }
        return picture.bytes.withUnsafeBytes { complete(picture.time, picture.flags, $0) }
    }

    private mutating func complete(
        _ time: Timestamp, _ flags: BufferState.Flags, _ bytes: UnsafeRawBufferPointer
    ) -> [EncodedFrame] {
        guard let expected = takeOut(time) else {
            if time > newest || time.nanoseconds <= 0 { hasForeignTimes = true }
            // The rest of a picture that is out already, or was given up: others need it.
            if format != nil { end = .nextBegins }
            breakage = "the encoder gave an earlier picture in pieces"
            return []
        }
        let content = PacketContent(bytes, flags, format, parameterSets, repeatsHeaders: repeatsHeaders)
        if content.type == .key {
            breakage = nil
        } else if expected.asKeyFrame {
            disobediences += 1
            breakage = "the encoder made no key frame of it though it was told to"
        }
        let overtaken = inside.filter { $0.value.index < expected.index - Self.largestReordering }
        var results: [EncodedFrame] = []
        for (time, _) in overtaken.sorted(by: { $0.value.index < $1.value.index }) {
            results += lose(time, "the encoder gave no packet for it", breaksStream: false)
        }
        if let breakage { return results + [lost(expected, breakage)] }
        guard let block = pool.take(content.byteCount) else {
            return results + [lost(expected, "there is no memory for its packet")]
        }
        content.write(to: block.baseAddress)
        let place = takePlace()
        return results + [
            EncodedFrame(
                bytes: PacketBytes(block, count: content.byteCount), headerByteCount: content.headerByteCount,
                type: content.type, index: expected.index, decodeIndex: min(place - Int64(delay), expected.index))
        ]
    }

    private mutating func takeOut(_ time: Timestamp) -> Expected? {
        returned.remove(time)
        return inside.removeValue(forKey: time)
    }

    private mutating func lost(_ expected: Expected, _ reason: String) -> EncodedFrame {
        _ = takePlace()
        return .lost(index: expected.index, CameraError(.codec, "encoding", reason: reason))
    }

    private mutating func takePlace() -> Int64 {
        defer { count += 1 }
        return count
    }
}
