// SPDX-License-Identifier: MIT

/// The first line and the fields of a request of HTTP (RFC 9112) or RTSP (RFC 2326), which share their syntax.
struct MessageHead: Sendable {
    /// The three words of the first line.
    let method: String
    let target: String
    let version: String
    /// The fields, their names in lower case.
    let fields: [(name: String, value: String)]

    /// The value of a field; nil where there is none.
    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// All values of a field.
    func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// How many bytes follow; 0 where nothing is said.
    ///
    /// - Throws: ``MessageFault`` for what is no number, or given twice with different values.
    func contentLength(atMost limit: Int) throws(MessageFault) -> Int {
        let told = Set(all("content-length"))
        guard let text = told.first else { return 0 }
        guard told.count == 1, !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .malformed("Content-Length is not a number.")
        }
        guard let count = Int(text), count <= limit else {
            throw .bodyTooLong("The body may have \(limit) bytes at most.")
        }
        return count
    }

    /// Reads a head from its lines.
    ///
    /// - Parameter bytes: The lines, without the empty one behind them.
    /// - Throws: ``MessageFault/malformed(_:)``.
    init(_ bytes: ArraySlice<UInt8>) throws(MessageFault) {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            line.last == 0x0D ? line.dropLast() : line
        }[...]
        guard let first = lines.popFirst() else { throw .malformed("The request is empty.") }
        let words = first.split(separator: 0x20, omittingEmptySubsequences: false)
        guard words.count == 3, words.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0 > 0x20 && $0 < 0x7F } }) else {
            throw .malformed("The first line must be a method, an address and a version.")
        }
        method = String(decoding: words[0], as: UTF8.self)
        target = String(decoding: words[1], as: UTF8.self)
        version = String(decoding: words[2], as: UTF8.self)
        var fields: [(name: String, value: String)] = []
        for line in lines {
            guard let colon = line.firstIndex(of: 0x3A) else { throw .malformed("A header field has no colon.") }
            let name = line[..<colon]
            // A space in front of the colon, or a continued line, is how requests are smuggled past proxies (RFC 9112, 5.1).
            guard !name.isEmpty, name.allSatisfy(Self.isToken) else {
                throw .malformed("A header field's name is malformed.")
            }
            let value = line[(colon + 1)...]
            guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw .malformed("A header field has control characters.")
            }
            let text = String(decoding: value, as: UTF8.self)
            fields.append((String(decoding: name, as: UTF8.self).lowercased(), text.trimmed))
        }
        self.fields = fields
    }

    /// Whether a byte may stand in a name (RFC 9110, 5.6.2).
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

/// Why a message cannot be taken; each ends its connection.
enum MessageFault: Error {
    case malformed(String)
    case headTooLong
    case bodyTooLong(String)
    /// A version of the protocol that is not spoken here.
    case unknownVersion
    /// The client is gone in the middle of it.
    case incomplete
}

extension String {
    /// Without spaces and tabulators at both ends.
    var trimmed: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}
