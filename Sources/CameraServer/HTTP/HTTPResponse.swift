// SPDX-License-Identifier: MIT

internal import CameraCore

/// What is answered to a request of HTTP.
struct HTTPResponse: Sendable {
    /// What follows the head.
    enum Body: Sendable {
        case bytes([UInt8])
        /// A part of an open file, which is closed afterwards.
        case file(ServedFile, Range<Int>)
        /// An answer that takes its time to make, which is cancelled when the client goes; the connection ends with it.
        case pending(@Sendable () async -> HTTPResponse)
        /// Something that does not end by itself; the connection ends with it.
        case stream(@Sendable (Connection) async throws -> Void)
        /// Another protocol, which is begun by the head.
        case upgrade(@Sendable (Connection, MessageReader) async throws -> Void)
    }

    var status: Int
    var fields: [(name: String, value: String)] = []
    var body: Body

    init(_ status: Int, _ fields: [(name: String, value: String)] = [], body: Body) {
        (self.status, self.fields, self.body) = (status, fields, body)
    }

    init(_ status: Int, type: String, _ bytes: [UInt8]) {
        self.init(status, [("Content-Type", type)], body: .bytes(bytes))
    }

    static func json(_ value: some Encodable, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status, type: "application/json", JSON.bytes(value))
    }

    /// The body of all errors.
    private struct Refusal: Encodable {
        struct Content: Encodable {
            let code: String
            let message: String
        }

        let error: Content
    }

    /// An answer that says what is wrong and what to do.
    static func error(_ status: Int, _ code: String, _ message: String) -> HTTPResponse {
        .json(Refusal(error: Refusal.Content(code: code, message: message)), status: status)
    }

    /// The answer for an error of the library.
    static func error(_ error: CameraError) -> HTTPResponse {
        let status =
            switch error.code {
            case .invalidValue, .invalidFormat, .unknownOption: 400
            case .notFound: 404
            case .notRecording, .alreadyRecording, .busy, .unsupported, .nothingToCopy: 409
            case .deviceLost, .closed, .notStarted, .sourceEnded: 503
            case .timedOut: 504
            case .output where error.systemError == .noSpace: 507
            default: 500
            }
        var response = HTTPResponse.error(status, "\(error.code)", "\(error)")
        if status == 503 { response.fields.append(("Retry-After", "2")) }
        return response
    }

    /// The head, as it is sent.
    func head(length: Int?, keepsConnection: Bool) -> [UInt8] {
        var lines = ["HTTP/1.1 \(status) \(Self.reasons[status] ?? "Unknown")"]
        lines += fields.map { "\($0.name): \($0.value)" }
        if let length { lines.append("Content-Length: \(length)") }
        // A page elsewhere may neither read an answer nor show it within itself.
        lines += [
            "X-Content-Type-Options: nosniff", "Cross-Origin-Resource-Policy: same-origin",
            "Referrer-Policy: no-referrer",
        ]
        if !fields.contains(where: { $0.name == "Cache-Control" }) { lines.append("Cache-Control: no-store") }
        if case .upgrade = body {} else { lines.append("Connection: \(keepsConnection ? "keep-alive" : "close")") }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    private static let reasons: [Int: String] = [
        101: "Switching Protocols", 200: "OK", 206: "Partial Content", 304: "Not Modified", 400: "Bad Request",
        401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout",
        409: "Conflict", 411: "Length Required", 413: "Content Too Large", 415: "Unsupported Media Type",
        416: "Range Not Satisfiable", 421: "Misdirected Request", 426: "Upgrade Required", 429: "Too Many Requests",
        431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented",
        503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
        507: "Insufficient Storage",
    ]
}

extension HTTPResponse {
    /// An answer with a file, or with the bytes of it that a request asks for.
    static func file(_ file: ServedFile, type: String, _ request: HTTPRequest) -> HTTPResponse {
        let fields = [(name: "Content-Type", value: type), (name: "Accept-Ranges", value: "bytes")]
        let count = file.byteCount
        switch ServedFile.Part(request.head["range"], of: count) {
        case .whole: return HTTPResponse(200, fields, body: .file(file, 0..<count))
        case .range(let range):
            let told = (name: "Content-Range", value: "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(count)")
            return HTTPResponse(206, fields + [told], body: .file(file, range))
        case .none:
            var response = HTTPResponse.error(416, "range", "The file has \(count) bytes; none of these are asked for.")
            response.fields.append(("Content-Range", "bytes */\(count)"))
            return response
        }
    }

    /// An answer with a file of a camera, by its name; browsers save it where the address says `download`.
    static func file(_ file: ServedFile, named name: String, _ request: HTTPRequest) -> HTTPResponse {
        var response = HTTPResponse.file(file, type: mediaType(of: name), request)
        if request.query["download"] != nil { response.save(as: name) }
        return response
    }

    /// Has browsers save it under a name.
    mutating func save(as name: String) {
        let plain = name.map { character in
            let isPlain = character.isASCII && (character.isLetter || character.isNumber)
            return isPlain || "-_.".contains(character) ? character : "_"
        }
        fields.append(("Content-Disposition", "attachment; filename=\"\(String(plain))\""))
    }

    /// What browsers are told of a file's contents, by its name.
    static func mediaType(of name: String) -> String {
        switch name.split(separator: ".").last?.lowercased() {
        case "mp4", "m4v": "video/mp4"
        case "mov": "video/quicktime"
        case "mkv": "video/x-matroska"
        case "ts": "video/mp2t"
        case "flv": "video/x-flv"
        case "mjpeg", "mjpg": "video/x-motion-jpeg"
        default: "application/octet-stream"
        }
    }
}
