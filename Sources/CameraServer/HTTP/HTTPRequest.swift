// SPDX-License-Identifier: MIT

/// A request of HTTP, taken apart.
struct HTTPRequest: Sendable {
    let head: MessageHead
    let body: [UInt8]
    /// The path between its slashes, unescaped: `["api", "v1", "cameras"]`.
    let path: [String]
    /// What stands behind the question mark.
    let query: [String: String]

    /// HEAD is answered as GET is, without the body.
    var method: String { head.method == "HEAD" ? "GET" : head.method }

    /// Whether the connection goes on afterwards (RFC 9112, 9.3).
    var keepsConnection: Bool {
        let words = head.all("connection").flatMap { $0.lowercased().split(separator: ",").map { String($0).trimmed } }
        return head.version == "HTTP/1.1" ? !words.contains("close") : words.contains("keep-alive")
    }

    /// - Throws: ``MessageFault/malformed(_:)`` for a target that is no path.
    init(_ head: MessageHead, body: [UInt8]) throws(MessageFault) {
        self.head = head
        self.body = body
        var target = head.target[...]
        // Proxies are asked by whole addresses; the host is told by its own field.
        for scheme in ["http://", "https://"] where target.hasPrefix(scheme) {
            let rest = target.dropFirst(scheme.count)
            target = rest.firstIndex(of: "/").map { rest[$0...] } ?? "/"
        }
        guard target.hasPrefix("/") else { throw .malformed("The address must be a path that begins with a slash.") }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = try parts[0].split(separator: "/").map { (part) throws(MessageFault) in try Self.unescaped(part) }
        var query: [String: String] = [:]
        for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = sides.count > 1 ? sides[1] : ""
            query[try Self.unescaped(sides[0])] = try Self.unescaped(value)
        }
        self.query = query
    }

    /// Replaces "%41" by "A" (RFC 3986, 2.1).
    private static func unescaped(_ text: Substring) throws(MessageFault) -> String {
        guard text.utf8.contains(0x25) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16),
                digits.allSatisfy({ $0 != 0x2B && $0 != 0x2D })
            else { throw .malformed("The address has a percent sign without two digits.") }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let unescaped = String(validating: bytes, as: UTF8.self), !unescaped.utf8.contains(0) else {
            throw .malformed("The address is not UTF-8.")
        }
        return unescaped
    }
}
