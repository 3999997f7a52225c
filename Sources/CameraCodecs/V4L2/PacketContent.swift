// SPDX-License-Identifier: MIT

internal import CameraCore
internal import V4L2

/// What a packet is made of: an encoder's bytes, with the parameter sets put in front or left out.
struct PacketContent {
    /// The kind of picture.
    let type: FrameType
    /// Bytes of the packet.
    let byteCount: Int
    /// Bytes in front of the picture when parameter sets are among them.
    let headerByteCount: Int
    private let parts: [UnsafeRawBufferPointer]
    /// Parameter sets that the encoder did not give, and the part that they come after.
    private let added: (bytes: [UInt8], afterPart: Int)

    /// Looks through a picture's bytes, which must stay where they are until ``write(to:)``.
    ///
    /// - Parameters:
    ///   - bytes: What the encoder gave.
    ///   - flags: What it said of it.
    ///   - format: What it is; nil when it is no byte stream.
    ///   - parameterSets: Those of the stream.
    ///   - repeatsHeaders: Whether each key frame has the parameter sets in front; otherwise none has.
    init(
        _ bytes: UnsafeRawBufferPointer, _ flags: BufferState.Flags, _ format: ByteStream.Format?,
        _ parameterSets: [UInt8], repeatsHeaders: Bool
    ) {
        guard let format else {
            type = FrameType(flags) ?? FrameType(fwht: bytes) ?? .key
            byteCount = bytes.count
            headerByteCount = 0
            parts = [bytes]
            added = ([], 0)
            return
        }
        let stream = ByteStream(bytes, format)
        // Drivers mark pictures as key frames too that need no others, but that others before them may be needed after.
        let marked = FrameType(flags)
        type = stream.isKey ? .key : marked == .bidirectional ? .bidirectional : .predicted
        let sets = stream.parameterSets
        let front = stream.frontByteCount
        // Others than those of the whole stream must stay, whoever wants headers.
        if !repeatsHeaders, !sets.isEmpty, sets.flatMap({ Array(bytes[$0]) }) == parameterSets {
            parts = Self.gaps(between: sets, upTo: bytes.count).map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }
            byteCount = bytes.count - parameterSets.count
            headerByteCount = 0
            added = ([], 0)
        } else if repeatsHeaders, sets.isEmpty, stream.isKey, !parameterSets.isEmpty {
            let delimiter = stream.delimiterByteCount
            parts = [
                UnsafeRawBufferPointer(rebasing: bytes[..<delimiter]),
                UnsafeRawBufferPointer(rebasing: bytes[delimiter...]),
            ]
            byteCount = bytes.count + parameterSets.count
            headerByteCount = front + parameterSets.count
            added = (parameterSets, 1)
        } else {
            parts = [bytes]
            byteCount = bytes.count
            headerByteCount = sets.isEmpty ? 0 : front
            added = ([], 0)
        }
    }

    /// Writes the packet.
    ///
    /// - Parameter destination: Room for ``byteCount`` bytes.
    func write(to destination: UnsafeMutableRawPointer) {
        var destination = destination
        func append(_ bytes: UnsafeRawBufferPointer) {
            guard let start = bytes.baseAddress else { return }
            destination.copyMemory(from: start, byteCount: bytes.count)
            destination += bytes.count
        }
        for (number, part) in parts.enumerated() {
            if number == added.afterPart { added.bytes.withUnsafeBytes(append) }
            append(part)
        }
    }

    private static func gaps(between ranges: [Range<Int>], upTo end: Int) -> [Range<Int>] {
        var start = 0
        var gaps: [Range<Int>] = []
        for range in ranges {
            gaps.append(start..<range.lowerBound)
            start = range.upperBound
        }
        return gaps + [start..<end]
    }
}

extension FrameType {
    /// The kind that a picture of FWHT tells in its header, since vicodec has no flags for those that it makes.
    ///
    /// Nil for other formats. The header is the kernel's `fwht_cframe_hdr`: eight bytes of magic, then big-endian words:
    /// version, width, height, and flags of which `V4L2_FWHT_FL_I_FRAME` is one.
    package init?(fwht bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 24, bytes.starts(with: [0x4F, 0x4F, 0x4F, 0x4F, 0xFF, 0xFF, 0xFF, 0xFF]) else {
            return nil
        }
        let flags = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 20, as: UInt32.self))
        self = flags & 1 << 10 != 0 ? .key : .predicted
    }

    /// The kind that a driver's flags tell; nil when they tell none.
    fileprivate init?(_ flags: BufferState.Flags) {
        if flags.contains(.keyFrame) {
            self = .key
        } else if flags.contains(.predicted) {
            self = .predicted
        } else if flags.contains(.bidirectional) {
            self = .bidirectional
        } else {
            return nil
        }
    }
}
