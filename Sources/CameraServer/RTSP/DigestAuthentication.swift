// SPDX-License-Identifier: MIT

internal import CameraCore

/// Digest authentication of one connection (RFC 7616, and RFC 2617 for those who know only that).
struct DigestAuthentication {
    /// What a request's credentials are worth.
    enum Verdict: Equatable {
        case accepted
        /// With the challenges to answer.
        case refused([String])
        /// Too many wrong ones came: the connection ends.
        case givenUp
    }

    static let user = "camera"
    static let realm = "camera"
    /// Wrong credentials that a connection may send.
    static let patience = 5
    /// How long a nonce is good for after it was given, or used rightly.
    static let lifetime = Duration.seconds(300)

    private let password: String?
    private var nonce = ""
    private var expiry: Timestamp?
    /// Wrong credentials that came.
    private(set) var failures = 0

    /// - Parameter password: The password; nil lets everybody in.
    init(password: String?) { self.password = password }

    /// Judges the credentials of a request.
    ///
    /// - Parameters:
    ///   - field: The field Authorization; nil where there is none.
    ///   - method: The request's method.
    ///   - path: The path of the stream that it asks for.
    ///   - now: The present moment.
    /// - Returns: Whether the request is answered, or what its client has to answer first.
    mutating func judge(_ field: String?, method: String, path: String, now: Timestamp = .now) -> Verdict {
        guard let password else { return .accepted }
        let isFresh = expiry.map { now < $0 } ?? false
        guard let field else { return refusal(isStale: false, isFresh: isFresh, now) }
        // What is not a digest, such as a password in the clear, is as wrong as a wrong one.
        if let answer = DigestAnswer(field), answer.isRight(password: password, method: method, path: path) {
            // Right but for its nonce, which was another connection's or is too old: the client need not ask its user.
            guard isFresh, DigestAnswer.areEqual(answer.nonce, nonce) else {
                return refusal(isStale: true, isFresh: isFresh, now)
            }
            expiry = now + Self.lifetime
            return .accepted
        }
        failures += 1
        if failures >= Self.patience { return .givenUp }
        return refusal(isStale: false, isFresh: isFresh, now)
    }

    private mutating func refusal(isStale: Bool, isFresh: Bool, _ now: Timestamp) -> Verdict {
        if !isFresh {
            nonce = MessageDigest.hex((0..<16).map { _ in UInt8.random(in: 0...255) })
            expiry = now + Self.lifetime
        }
        let common =
            "Digest realm=\"\(Self.realm)\", nonce=\"\(nonce)\", qop=\"auth\"" + (isStale ? ", stale=true" : "")
        // The better one first, as RFC 7616 has it; clients that know one alone take the last. Both have the same nonce, so that
        // who takes the first and answers by MD5 is understood.
        return .refused([common + ", algorithm=SHA-256", common + ", algorithm=MD5"])
    }
}

/// What a client answers to a challenge.
struct DigestAnswer {
    private let values: [String: String]

    /// Reads a field Authorization; nil for another scheme than Digest.
    init?(_ field: String) {
        var rest = field.utf8[...]
        let scheme = "digest "
        guard String(decoding: rest.prefix(scheme.utf8.count), as: UTF8.self).lowercased() == scheme else { return nil }
        rest = rest.dropFirst(scheme.utf8.count)
        var values: [String: String] = [:]
        while let name = Self.name(&rest) { values[name] = Self.value(&rest) }
        self.values = values
    }

    private static func name(_ rest: inout Substring.UTF8View) -> String? {
        rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ",") || $0 == 0x09 }
        let name = rest.prefix { $0 != UInt8(ascii: "=") }
        rest = rest.dropFirst(name.count)
        guard !name.isEmpty, rest.popFirst() != nil else { return nil }
        return String(decoding: name, as: UTF8.self).trimmed.lowercased()
    }

    private static func value(_ rest: inout Substring.UTF8View) -> String {
        guard rest.first == UInt8(ascii: "\"") else {
            let value = rest.prefix { $0 != UInt8(ascii: ",") }
            rest = rest.dropFirst(value.count)
            return String(decoding: value, as: UTF8.self).trimmed
        }
        rest = rest.dropFirst()
        var value: [UInt8] = []
        while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
            // A backslash takes its meaning from what follows.
            value.append(byte == UInt8(ascii: "\\") ? rest.popFirst() ?? byte : byte)
        }
        return String(decoding: value, as: UTF8.self)
    }

    /// What the answer was made for.
    var nonce: String { values["nonce"] ?? "" }

    /// Whether the answer is that of somebody who knows the password, for whatever nonce.
    func isRight(password: String, method: String, path: String) -> Bool {
        let hash: ([UInt8]) -> [UInt8]
        // Clients that take any algorithm, but do not tell which they took, are told apart by how long their answer is.
        switch values["algorithm"]?.uppercased() ?? (values["response"]?.utf8.count == 64 ? "SHA-256" : "MD5") {
        case "MD5": hash = MessageDigest.md5
        case "SHA-256": hash = MessageDigest.sha256
        default: return false
        }
        // Some clients tell the address of the whole for that of its track.
        guard values["username"] == DigestAuthentication.user, values["realm"] == DigestAuthentication.realm,
            let uri = values["uri"], RTSPTarget(uri)?.path == path, let response = values["response"]
        else { return false }
        func hex(_ text: String) -> String { MessageDigest.hex(hash(Array(text.utf8))) }
        let secret = hex("\(DigestAuthentication.user):\(DigestAuthentication.realm):\(password)")
        let request = hex("\(method):\(uri)")
        let expected: String
        switch values["qop"] {
        case nil: expected = hex("\(secret):\(nonce):\(request)")
        case "auth":
            guard let count = values["nc"], let own = values["cnonce"] else { return false }
            expected = hex("\(secret):\(nonce):\(count):\(own):auth:\(request)")
        default: return false
        }
        return Self.areEqual(response.lowercased(), expected)
    }

    /// Compares in a time that does not tell where they differ.
    static func areEqual(_ one: String, _ other: String) -> Bool {
        let (left, right) = (Array(one.utf8), Array(other.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
