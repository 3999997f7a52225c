// SPDX-License-Identifier: MIT

/// How a client can take packets, by its field Transport (RFC 2326, 12.39).
enum TransportOffer: Equatable {
    /// Within the connection, on these channels for packets and reports; nil for any.
    case interleaved(UInt8, UInt8)
    /// To these ports of the client.
    case datagrams(rtp: Int, rtcp: Int)

    /// The first offer that can be taken up; nil where there is none.
    ///
    /// - Parameters:
    ///   - field: What the client sent.
    ///   - peer: Its address, the only one that anything is sent to.
    init?(_ field: String, from peer: SocketAddress) {
        for offer in field.split(separator: ",") {
            let words = offer.split(separator: ";").map { String($0).trimmed }
            if let offer = Self.offer(words, from: peer) {
                self = offer
                return
            }
        }
        return nil
    }

    private static func offer(_ words: [String], from peer: SocketAddress) -> TransportOffer? {
        guard let profile = words.first?.uppercased() else { return nil }
        var values: [String: String] = [:]
        for word in words.dropFirst() {
            let parts = word.split(separator: "=", maxSplits: 1)
            guard let name = parts.first else { continue }
            values[name.lowercased()] = parts.count > 1 ? String(parts[1]) : ""
        }
        let mode = values["mode"]?.uppercased().filter { $0 != "\"" } ?? "PLAY"
        guard mode == "PLAY", values["multicast"] == nil else { return nil }
        // Pictures that somebody else is to get would be a weapon.
        if let destination = values["destination"], destination != peer.host { return nil }
        switch profile {
        case "RTP/AVP/TCP":
            guard let text = values["interleaved"] else { return .interleaved(0, 1) }
            guard let pair = pair(text), let first = UInt8(exactly: pair.0), let second = UInt8(exactly: pair.1) else {
                return nil
            }
            return .interleaved(first, second)
        case "RTP/AVP", "RTP/AVP/UDP":
            // Ports of the system's own services are not for receivers.
            guard let text = values["client_port"], let pair = pair(text), pair.0 >= 1024, pair.1 <= 65_535 else {
                return nil
            }
            return .datagrams(rtp: pair.0, rtcp: pair.1)
        default: return nil
        }
    }

    /// Two numbers as in "4588-4589", or a number and the next.
    private static func pair(_ text: String) -> (Int, Int)? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = Int(parts[0]), first >= 0, first < 65_536 else { return nil }
        guard parts.count == 2 else { return (first, first + 1) }
        guard let second = Int(parts[1]), second > first, second < 65_536 else { return nil }
        return (first, second)
    }
}
