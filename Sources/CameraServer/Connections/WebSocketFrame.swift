// SPDX-License-Identifier: MIT

/// A frame of a WebSocket (RFC 6455, 5.2).
struct WebSocketFrame: Sendable {
    /// What a frame is.
    enum Kind: UInt8, Sendable {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10
    }

    let kind: Kind
    let payload: [UInt8]

    /// Bytes that a client's frame has at most: it sends no more than a few words.
    static let limit = 4096

    /// A message of text, as the server sends it.
    static func text(_ text: String) -> [UInt8] { bytes(.text, Array(text.utf8)) }

    /// A message of bytes, as the server sends it.
    static func binary(_ payload: [UInt8]) -> [UInt8] { bytes(.binary, payload) }

    /// A whole message in one frame, without a mask, as servers send it.
    static func bytes(_ kind: Kind, _ payload: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(payload.count + 10)
        bytes.append(0x80 | kind.rawValue)
        let count = payload.count
        switch count {
        case ..<126: bytes.append(UInt8(count))
        case ..<65_536:
            bytes.append(126)
            bytes += [UInt8(count >> 8), UInt8(count & 0xFF)]
        default:
            bytes.append(127)
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
        }
        bytes += payload
        return bytes
    }

    /// The message that ends a connection, with a code of RFC 6455, 7.4.
    static func close(_ code: UInt16, _ reason: String = "") -> [UInt8] {
        bytes(.close, [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(reason.utf8.prefix(100)))
    }

    /// Reads a client's frame.
    ///
    /// - Throws: ``MessageFault`` for one that breaks the protocol or is too long.
    static func read(from reader: inout MessageReader) async throws -> WebSocketFrame {
        let head = try await reader.take(2)
        guard head[0] & 0x70 == 0, let kind = Kind(rawValue: head[0] & 0x0F) else {
            throw MessageFault.malformed("The frame has a kind or bits that are not known.")
        }
        guard head[1] & 0x80 != 0 else { throw MessageFault.malformed("A client's frames are masked.") }
        var count = Int(head[1] & 0x7F)
        if kind.rawValue >= 8, head[0] & 0x80 == 0 || count > 125 {
            throw MessageFault.malformed("A control frame is short and whole.")
        }
        if count > 125 {
            let length = try await reader.take(count == 126 ? 2 : 8)
            let told = length.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            count = Int(clamping: told)
        }
        guard count <= limit else { throw MessageFault.bodyTooLong("A message may have \(limit) bytes at most.") }
        let mask = try await reader.take(4)
        var payload = try await reader.take(count)
        for index in payload.indices { payload[index] ^= mask[index & 3] }
        return WebSocketFrame(kind: kind, payload: payload)
    }
}
