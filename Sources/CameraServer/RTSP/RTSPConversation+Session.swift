// SPDX-License-Identifier: MIT

internal import CameraCore

extension RTSPConversation {
    /// DESCRIBE: what the stream is.
    ///
    /// A camera that nobody watches yet is asked for a picture.
    func describe(_ head: MessageHead, _ target: RTSPTarget) async -> RTSPResponse {
        if let types = head["accept"], !types.lowercased().contains(SessionDescription.mediaType),
            !types.contains("*/*")
        {
            return RTSPResponse(.notAcceptable, saying: "Streams are described as \(SessionDescription.mediaType).")
        }
        guard let stream = server.stream(target.path) else { return Self.notFound }
        // The size alone does not tell whether RTP has a way to send a JPEG picture.
        var known = stream.stream
        if known?.format == .mjpeg { known = nil }
        let description: StreamDescription
        do throws(CameraError) {
            if let known {
                description = known
            } else {
                guard let found = try await firstDescription(of: stream) else {
                    let reason = stream.error?.description ?? "The camera has given no picture; try again."
                    return RTSPResponse(.unavailable, saying: reason)
                }
                description = found
            }
            var response = RTSPResponse(
                .ok, [("Content-Base", target.base + "/"), ("Content-Type", SessionDescription.mediaType)])
            response.body = try SessionDescription.text(
                of: description, name: target.path, number: .random(in: .min ... .max), host: connection.local)
            return response
        } catch {
            return RTSPResponse(.unsupportedMediaType, saying: error.description)
        }
    }

    /// Watches until a picture comes.
    ///
    /// - Returns: Its stream; nil where none comes in time.
    /// - Throws: Why the picture cannot be sent.
    private func firstDescription(of stream: LiveStream) async throws(CameraError) -> StreamDescription? {
        guard let viewer = stream.join(.packets) else { return nil }
        defer { stream.leave(viewer, .packets) }
        let deadline = Timestamp.now + server.limits.description
        var found: StreamDescription?
        while let item = await viewer.next(until: deadline) {
            switch item {
            case .beginning(let beginning): found = beginning.stream
            case .rest: break
            case .picture(let chunk):
                if let failure = chunk.failure { throw failure }
                return found
            }
        }
        return nil
    }

    /// SETUP: how the stream gets to the client.
    ///
    /// It is the connection's only session; one before it ends.
    mutating func setUp(_ head: MessageHead, _ target: RTSPTarget) async -> RTSPResponse {
        guard let stream = server.stream(target.path) else { return Self.notFound }
        if head["session"] != nil, let refusal = refusal(head, target) { return refusal }
        if session?.player != nil { return RTSPResponse(.notValidInThisState, saying: "Send PAUSE or TEARDOWN first.") }
        guard let field = head["transport"], let offer = TransportOffer(field, from: connection.peer) else {
            return RTSPResponse(
                .unsupportedTransport,
                saying: "Streams go as RTP/AVP;unicast to this client's own ports from 1024 on, or as RTP/AVP/TCP.")
        }
        let id = head["session"] != nil ? session?.id : nil
        await endSession(saysGoodbye: false)
        let transport: any RTPTransport
        let agreed: String
        switch offer {
        case .interleaved(let channel, let reportChannel):
            transport = InterleavedTransport(writer: writer, channel: channel, reportChannel: reportChannel)
            agreed = "RTP/AVP/TCP;unicast;interleaved=\(channel)-\(reportChannel)"
        case .datagrams(let rtp, let rtcp):
            let pair = server.ports.open(
                on: connection.local, to: connection.peer, (rtp, rtcp), polls: connection.polls)
            guard let pair else {
                let reason = "No pair of ports is free for another client; read the stream by RTP/AVP/TCP."
                return RTSPResponse(.unavailable, saying: reason)
            }
            let datagrams = DatagramTransport(pair, onReport: { [reports] in reports.take($0) })
            transport = datagrams
            agreed =
                "RTP/AVP;unicast;client_port=\(rtp)-\(rtcp);server_port=\(datagrams.ports.rtp)-\(datagrams.ports.rtcp)"
        }
        session = RTSPSession(id: id ?? RTSPSession.newID(), path: target.path, stream: stream, transport: transport)
        server.counts.change { $0.sessions += 1 }
        return RTSPResponse(.ok, [("Transport", agreed + ";mode=\"PLAY\"")] + sessionFields)
    }

    /// PLAY: sends pictures from the next key frame on, and tells its number and time.
    mutating func play(_ target: RTSPTarget) async -> RTSPResponse {
        guard let session else { return Self.noSession }
        guard session.player == nil else { return RTSPResponse(.ok, sessionFields) }
        let player = RTPPlayer(session.stream, session.transport, activity, server.counts, onEnd: onEnd)
        guard let player else { return Self.notFound }
        self.session?.player = player
        let first = await player.first(until: .now + server.limits.start)
        begins = .some(first)
        var fields = sessionFields + [("Range", "npt=now-")]
        if let first, let packet = first.packets.first {
            let header = RTPHeader(first.bytes[packet])
            let place = "url=\(target.base)/\(RTSPTarget.track)"
            fields.append(("RTP-Info", "\(place);seq=\(header.sequence);rtptime=\(header.time)"))
        }
        return RTSPResponse(.ok, fields)
    }

    /// PAUSE: sends no more, and can go on.
    mutating func stopPlaying() async {
        await session?.player?.stop(saysGoodbye: false)
        session?.player = nil
    }

    /// TEARDOWN, or the end of the connection.
    mutating func endSession(saysGoodbye: Bool) async {
        await session.take()?.end(saysGoodbye: saysGoodbye)
    }

    /// Why a request cannot be for the connection's session; nil when it is.
    func refusal(_ head: MessageHead, _ target: RTSPTarget) -> RTSPResponse? {
        guard let session else { return Self.noSession }
        // What stands behind a semicolon is for clients.
        let id = head["session"]?.prefix { $0 != ";" }
        return id.map { String($0).trimmed } == session.id && target.path == session.path ? nil : Self.noSession
    }

    var sessionFields: [(name: String, value: String)] {
        guard let session else { return [] }
        return [("Session", "\(session.id);timeout=\(max(Int(server.limits.silence.inSeconds), 1))")]
    }

    private static let noSession = RTSPResponse(
        .sessionNotFound, saying: "Send SETUP first; a session ends with its connection.")

    private static let notFound = RTSPResponse(.notFound, saying: "There is no such stream.")
}
