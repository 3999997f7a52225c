// SPDX-License-Identifier: MIT

internal import CameraCore

/// A JPEG picture as RFC 2435 sends it: its tables of quantization and its compressed data.
///
/// Receivers know the rest.
struct RTPPicture {
    /// The longest side that the eight bits for each can tell, in pixels.
    static let largestSide = 2040

    private let size: Resolution
    /// 0 for 4:2:2, 1 for 4:2:0.
    private let type: UInt8
    /// The tables of luma and of chroma, 64 bytes each.
    private let tables: [UInt8]
    /// Blocks from one restart marker to the next; 0 where there are none.
    private let restartInterval: Int
    private let data: UnsafeRawBufferPointer

    /// Reads a picture's segments (ITU-T T.81, annex B).
    ///
    /// - Parameter bytes: The picture, which has to outlive this value.
    /// - Throws: `.unsupported` for what RFC 2435 cannot send, `.corruptData`.
    init(_ bytes: UnsafeRawBufferPointer) throws(CameraError) {
        var segments = JPEGSegments(bytes)
        var quantization: [UInt8: [UInt8]] = [:]
        var frame: [UInt8] = []
        var interval = 0
        while let (marker, content) = try segments.next() {
            switch marker {
            case 0xDB: try Self.readTables(content, into: &quantization)
            case 0xC0, 0xC1: frame = Array(content)
            case 0xC2, 0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
                throw Self.unsupported("the picture is progressive or the like, and only baseline pictures can be sent")
            case 0xC4: try Self.checkHuffman(content)
            case 0xDD where content.count >= 2: interval = Int(content[0]) << 8 | Int(content[1])
            default: break
            }
        }
        guard let data = segments.data else { throw Self.corrupt }
        let components = try Self.components(frame)
        size = Resolution(Self.number(frame[3...4]), Self.number(frame[1...2]))
        try Self.check(size)
        guard let luma = quantization[components.lumaTable], let chroma = quantization[components.chromaTable] else {
            throw Self.corrupt
        }
        type = components.type
        tables = luma + chroma
        restartInterval = interval
        self.data = data
    }

    /// Refuses sizes that the header has no room for.
    static func check(_ size: Resolution) throws(CameraError) {
        guard size.width > largestSide || size.height > largestSide else { return }
        throw unsupported(
            "RTP tells sizes of MJPEG up to \(largestSide)x\(largestSide) (RFC 2435), and the pictures have \(size); "
                + "watch H.264, or record smaller pictures")
    }

    /// Adds the packets.
    func add(to packets: inout RTPPackets) {
        var offset = 0
        repeat {
            var prefix: [UInt8] = [0] + [16, 8, 0].map { UInt8(truncatingIfNeeded: offset >> $0) }
            // Quality 255: each picture brings its tables.
            prefix += [type | (restartInterval > 0 ? 64 : 0), 255]
            prefix += [UInt8(clamping: (size.width + 7) / 8), UInt8(clamping: (size.height + 7) / 8)]
            if restartInterval > 0 {
                // The whole picture is put together before it is decoded (RFC 2435, 3.1.7).
                prefix += [UInt8(restartInterval >> 8), UInt8(restartInterval & 255), 0xFF, 0xFF]
            }
            // Both tables have eight bits a value.
            if offset == 0 { prefix += [0, 0, 0, UInt8(tables.count)] + tables }
            let piece = data[offset...].prefix(RTPPackets.limit - RTPPackets.headerByteCount - prefix.count)
            packets.add(prefix, UnsafeRawBufferPointer(rebasing: piece))
            offset += piece.count
        } while offset < data.count
        packets.finish()
    }

    /// What a frame header tells of the components.
    private static func components(
        _ frame: [UInt8]
    ) throws(CameraError) -> (type: UInt8, lumaTable: UInt8, chromaTable: UInt8) {
        guard frame.count >= 6, frame.count >= 6 + 3 * Int(frame[5]) else { throw corrupt }
        guard frame[0] == 8, frame[5] == 3 else {
            throw unsupported("only pictures of three components with eight bits can be sent")
        }
        guard frame[13] == 0x11, frame[10] == 0x11, frame[11] == frame[14] else { throw sampling }
        switch frame[7] {
        case 0x21: return (0, frame[8], frame[11])
        case 0x22: return (1, frame[8], frame[11])
        default: throw sampling
        }
    }

    private static func readTables(
        _ content: UnsafeRawBufferPointer, into tables: inout [UInt8: [UInt8]]
    ) throws(CameraError) {
        var rest = content[...]
        while let head = rest.first {
            guard head < 16 else { throw unsupported("the tables of quantization have sixteen bits") }
            guard rest.count >= 65 else { throw corrupt }
            tables[head] = Array(rest.dropFirst().prefix(64))
            rest = rest.dropFirst(65)
        }
    }

    /// Receivers decode by the tables of T.81's annex K.3, which cameras and encoders have unless they were asked for others.
    private static func checkHuffman(_ content: UnsafeRawBufferPointer) throws(CameraError) {
        var rest = content[...]
        while let head = rest.first {
            guard rest.count >= 17 else { throw corrupt }
            let counts = rest.dropFirst().prefix(16)
            let values = counts.reduce(0) { $0 + Int($1) }
            guard rest.count >= 17 + values else { throw corrupt }
            guard let standard = StandardHuffman.table(head),
                rest.dropFirst().prefix(16 + values).elementsEqual(standard)
            else { throw unsupported("the picture has Huffman tables of its own, which RTP cannot send") }
            rest = rest.dropFirst(17 + values)
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

    private static let sampling = unsupported("only pictures with the sampling 4:2:0 or 4:2:2 can be sent")

    private static let corrupt = CameraError(.corruptData, operation, reason: "the picture is not a whole JPEG picture")

    private static func unsupported(_ reason: String) -> CameraError {
        CameraError(.unsupported, operation, reason: reason)
    }

    private static let operation = "sending MJPEG by RTP"
}
