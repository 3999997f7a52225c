// SPDX-License-Identifier: MIT

/// The packets of one picture (RFC 3550, 5.1), written once for all clients.
///
/// Each stands behind the four bytes that it has within a connection of RTSP (RFC 2326, 10.12), with channel 0, so that most
/// connections are sent all of a picture by one call.
struct RTPPackets {
    /// Bytes that a packet has at most: with the headers of IPv6, UDP and a tunnel it still fits what Ethernet carries at once.
    static let limit = 1400
    /// Bytes of a packet's header.
    static let headerByteCount = 12
    /// Bytes in front of a packet within a connection.
    static let frameByteCount = 4

    private(set) var bytes: [UInt8] = []
    /// Where the packets lie, without the bytes in front of them.
    private(set) var ranges: [Range<Int>] = []
    /// The number of the next packet.
    private(set) var sequence: UInt16
    private let payloadType: UInt8
    private let time: UInt32
    private let source: UInt32

    /// - Parameters:
    ///   - payloadType: What the packets hold, as the description of the session says.
    ///   - sequence: The number of the first packet.
    ///   - time: The picture's time at 90 kHz.
    ///   - source: Who sends them.
    ///   - byteCount: How many bytes the picture has.
    init(payloadType: UInt8, sequence: UInt16, time: UInt32, source: UInt32, byteCount: Int) {
        (self.payloadType, self.sequence, self.time, self.source) = (payloadType, sequence, time, source)
        bytes.reserveCapacity(byteCount + (byteCount / 1300 + 8) * 20)
    }

    /// Adds a packet.
    ///
    /// - Parameters:
    ///   - prefix: What the payload begins with.
    ///   - body: The rest of the payload.
    mutating func add(_ prefix: [UInt8], _ body: UnsafeRawBufferPointer) {
        let count = Self.headerByteCount + prefix.count + body.count
        let channel: [UInt8] = [0x24, 0]
        bytes += channel
        put(UInt16(truncatingIfNeeded: count))
        let start = bytes.count
        // Version 2; no padding, extension or contributors.
        let head: [UInt8] = [0x80, payloadType]
        bytes += head
        put(sequence)
        put(time)
        put(source)
        bytes += prefix
        bytes.append(contentsOf: body)
        ranges.append(start..<bytes.count)
        sequence &+= 1
    }

    /// Marks the last packet as the picture's end.
    mutating func finish() {
        if let last = ranges.last { bytes[last.lowerBound + 1] |= 0x80 }
    }

    private mutating func put(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}

/// The fields of a packet's header that clients are told apart from the packets.
struct RTPHeader {
    let sequence: UInt16
    let time: UInt32
    let source: UInt32

    /// Reads the header of a packet that ``RTPPackets`` made.
    init(_ packet: ArraySlice<UInt8>) {
        let start = packet.startIndex
        func number(_ range: Range<Int>) -> UInt32 {
            packet[(start + range.lowerBound)..<(start + range.upperBound)].reduce(0) { $0 << 8 | UInt32($1) }
        }
        sequence = UInt16(truncatingIfNeeded: number(2..<4))
        time = number(4..<8)
        source = number(8..<12)
    }
}
