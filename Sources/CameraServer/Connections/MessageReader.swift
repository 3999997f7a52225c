// SPDX-License-Identifier: MIT

/// Reads messages of HTTP, WebSocket or RTSP from a connection, within bounds.
struct MessageReader {
    private let connection: Connection
    private var buffer: [UInt8] = []
    /// Where what was not taken yet begins in the buffer.
    private var start = 0

    /// Bytes that the first line and the fields of a request have at most.
    static let headLimit = 16_384
    /// How many fields it has at most.
    static let fieldLimit = 100

    init(_ connection: Connection) { self.connection = connection }

    /// Whether bytes are there that were not taken.
    var hasBytes: Bool { start < buffer.count }

    /// Reads until at least `count` bytes are there.
    ///
    /// - Returns: Whether they are; false where the client ended before.
    mutating func fill(to count: Int) async throws -> Bool {
        while buffer.count - start < count {
            if start > 0 {
                buffer.removeFirst(start)
                start = 0
            }
            let bytes = try await connection.read()
            if bytes.isEmpty { return false }
            buffer += bytes
        }
        return true
    }

    /// The next byte, which stays; nil at the end.
    mutating func peek() async throws -> UInt8? {
        try await fill(to: 1) ? buffer[start] : nil
    }

    /// Takes so many bytes.
    mutating func take(_ count: Int) async throws -> [UInt8] {
        guard try await fill(to: count) else { throw MessageFault.incomplete }
        defer { start += count }
        return Array(buffer[start..<(start + count)])
    }

    /// Takes the head of a request, up to the empty line behind it.
    ///
    /// - Returns: The head; nil where the client ended between two requests.
    mutating func head() async throws -> MessageHead? {
        // Empty lines in front of a request are left out (RFC 9112, 2.2).
        var blank = 0
        while let byte = try await peek(), byte == 0x0D || byte == 0x0A {
            start += 1
            blank += 1
            guard blank <= 8 else { throw MessageFault.malformed("The request is empty.") }
        }
        guard hasBytes else { return nil }
        var searched = start
        while true {
            if let end = endOfHead(from: searched) {
                let bytes = buffer[start..<end.lines]
                start = end.next
                guard bytes.count <= Self.headLimit, bytes.count(where: { $0 == 0x0A }) < Self.fieldLimit else {
                    throw MessageFault.headTooLong
                }
                return try MessageHead(bytes)
            }
            let present = buffer.count - start
            guard present <= Self.headLimit else { throw MessageFault.headTooLong }
            guard try await fill(to: present + 1) else { throw MessageFault.incomplete }
            // What was there may have moved, and ended in the middle of the empty line.
            searched = max(start + present - 3, start)
        }
    }

    /// Where the lines of the head end, and where what follows begins.
    private func endOfHead(from place: Int) -> (lines: Int, next: Int)? {
        var index = place
        while let feed = buffer[index...].firstIndex(of: 0x0A) {
            let rest = buffer[(feed + 1)...].prefix(2)
            let lines = feed > start && buffer[feed - 1] == 0x0D ? feed - 1 : feed
            if rest.first == 0x0A { return (lines, feed + 2) }
            if rest.elementsEqual([0x0D, 0x0A]) { return (lines, feed + 3) }
            index = feed + 1
        }
        return nil
    }
}
