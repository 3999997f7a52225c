// SPDX-License-Identifier: MIT

/// The address in a request: which stream it means.
///
/// It never names a file.
struct RTSPTarget: Equatable {
    /// What a description calls its only stream of pictures.
    static let track = "trackID=0"

    /// The stream's path: "lobby", "lobby/mjpeg".
    let path: String
    /// The address of the whole, without what names the track: what others are told relative to.
    let base: String

    /// Reads an address such as rtsp://host:8554/lobby/trackID=0; nil for what is none.
    init?(_ text: String) {
        let scheme = "rtsp://"
        guard text.lowercased().hasPrefix(scheme) else { return nil }
        let bare = text.prefix { $0 != "?" && $0 != "#" }
        let rest = bare.dropFirst(scheme.count)
        let host = rest.prefix { $0 != "/" }
        guard !host.isEmpty else { return nil }
        var parts = rest.dropFirst(host.count).split(separator: "/")
        if parts.last == Self.track[...] { parts.removeLast() }
        var names: [String] = []
        for part in parts {
            guard let name = Self.decoded(part) else { return nil }
            names.append(name)
        }
        path = names.joined(separator: "/")
        base = bare.prefix(scheme.count + host.count) + parts.map { "/" + $0 }.joined()
    }

    /// Without the percent signs that stand for other bytes (RFC 3986, 2.1).
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
