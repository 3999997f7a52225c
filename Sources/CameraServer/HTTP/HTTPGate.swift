// SPDX-License-Identifier: MIT

internal import CameraCore
internal import FoundationEssentials

/// Decides whose requests are answered.
///
/// A page elsewhere in the browser of somebody who can reach the camera must not reach it: the Host must be one of this server's
/// (so that no foreign name can be made to mean it), and requests that a browser sends for another site's page are refused.
final class HTTPGate: Sendable {
    private let password: String?
    private let hostNames: Set<String>
    private let wrongPasswords: WrongPasswords

    /// - Parameters:
    ///   - password: What clients have to know; nil where all who reach the server may ask.
    ///   - hostNames: Names by which clients may call the server, besides its addresses.
    ///   - wrongPasswords: Counts those of each address.
    init(password: String?, hostNames: [String], wrongPasswords: WrongPasswords) {
        self.password = password
        self.wrongPasswords = wrongPasswords
        self.hostNames = Set(hostNames.map { $0.lowercased() })
    }

    /// Why a request is not answered; nil for one that is.
    func refusal(of head: MessageHead, from connection: Connection) -> HTTPResponse? {
        let hosts = head.all("host")
        guard hosts.count == 1, let host = hosts.first, isOwn(host) else {
            return .error(
                421, "unknownHost",
                "This server is not known by that name. Call it by its address, or start it with --host-name NAME.")
        }
        if let refusal = refusalOfForeignPage(head, host) { return refusal }
        return refusalOfPassword(head, Self.client(of: head, connection.peer))
    }

    /// The address of the client: the one that a reverse proxy on this machine names last, else that of the connection.
    private static func client(of head: MessageHead, _ peer: SocketAddress) -> String {
        guard peer.isLoopback, let named = head.all("x-forwarded-for").last?.split(separator: ",").last else {
            return peer.host
        }
        return String(named.prefix(64)).trimmed
    }

    /// Whether the server is called by an address in digits, or by a name that it has.
    private func isOwn(_ host: String) -> Bool {
        let name: Substring
        if host.hasPrefix("[") {
            name = host.dropFirst().prefix { $0 != "]" }
            return !name.isEmpty && name.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
        }
        name = host.prefix { $0 != ":" }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count == 4, parts.allSatisfy({ UInt8($0) != nil }) { return true }
        let lower = name.lowercased()
        return lower == "localhost" || hostNames.contains(lower)
    }

    private func refusalOfForeignPage(_ head: MessageHead, _ host: String) -> HTTPResponse? {
        let message = "A page of another site asks; the camera is shown by its own page alone."
        if let origin = head["origin"] {
            let own = ["http://\(host)", "https://\(host)"]
            guard own.contains(origin) else { return .error(403, "foreignPage", message) }
        }
        // Who follows a link to the page, or types its address, comes from anywhere.
        let isVisit =
            head["sec-fetch-mode"] == "navigate" && head["sec-fetch-dest"] == "document" && head.method == "GET"
        if let site = head["sec-fetch-site"], site != "same-origin", site != "none", !isVisit {
            return .error(403, "foreignPage", message)
        }
        return nil
    }

    private func refusalOfPassword(_ head: MessageHead, _ client: String) -> HTTPResponse? {
        guard let password else { return nil }
        guard !wrongPasswords.mustWait(client) else {
            var response = HTTPResponse.error(429, "tooMany", "Too many wrong passwords; wait a minute.")
            response.fields.append(("Retry-After", "\(WrongPasswords.pause.components.seconds)"))
            return response
        }
        if let given = Self.password(in: head) {
            if Self.isEqual(given, Array(password.utf8)) { return nil }
            wrongPasswords.note(client)
        }
        var response = HTTPResponse.error(401, "password", "The camera's password is needed; any user name will do.")
        response.fields.append(("WWW-Authenticate", "Basic realm=\"camera\", charset=\"UTF-8\""))
        return response
    }

    /// The password that a request carries.
    private static func password(in head: MessageHead) -> [UInt8]? {
        guard let text = head["authorization"], let space = text.firstIndex(of: " ") else { return nil }
        let value = String(text[text.index(after: space)...]).trimmed
        switch text[..<space].lowercased() {
        case "bearer": return Array(value.utf8)
        case "basic":
            guard let decoded = Data(base64Encoded: value), let colon = decoded.firstIndex(of: 0x3A) else { return nil }
            return Array(decoded[(colon + 1)...])
        default: return nil
        }
    }

    /// Compares in a time that does not tell how much is right.
    static func isEqual(_ given: [UInt8], _ password: [UInt8]) -> Bool {
        var difference = UInt8(given.count == password.count ? 0 : 1)
        for (index, byte) in given.enumerated() { difference |= byte ^ password[index % max(password.count, 1)] }
        return difference == 0 && !password.isEmpty
    }
}
