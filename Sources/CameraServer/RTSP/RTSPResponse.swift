// SPDX-License-Identifier: MIT

/// An answer: its status, fields and body.
struct RTSPResponse {
    /// A status of RFC 2326, 7.1.1.
    enum Status: Int {
        case ok = 200
        case badRequest = 400
        case unauthorized = 401
        case notFound = 404
        case methodNotAllowed = 405
        case notAcceptable = 406
        case tooLarge = 413
        case unsupportedMediaType = 415
        case parameterNotUnderstood = 451
        case sessionNotFound = 454
        case notValidInThisState = 455
        case unsupportedTransport = 461
        case internalError = 500
        case notImplemented = 501
        case unavailable = 503
        case versionNotSupported = 505
        case optionNotSupported = 551

        fileprivate var words: String {
            switch self {
            case .ok: "OK"
            case .badRequest: "Bad Request"
            case .unauthorized: "Unauthorized"
            case .notFound: "Not Found"
            case .methodNotAllowed: "Method Not Allowed"
            case .notAcceptable: "Not Acceptable"
            case .tooLarge: "Request Entity Too Large"
            case .unsupportedMediaType: "Unsupported Media Type"
            case .parameterNotUnderstood: "Parameter Not Understood"
            case .sessionNotFound: "Session Not Found"
            case .notValidInThisState: "Method Not Valid in This State"
            case .unsupportedTransport: "Unsupported Transport"
            case .internalError: "Internal Server Error"
            case .notImplemented: "Not Implemented"
            case .unavailable: "Service Unavailable"
            case .versionNotSupported: "RTSP Version Not Supported"
            case .optionNotSupported: "Option Not Supported"
            }
        }
    }

    let status: Status
    var fields: [(name: String, value: String)] = []
    var body = ""

    init(_ status: Status, _ fields: [(name: String, value: String)] = []) {
        self.status = status
        self.fields = fields
    }

    /// An answer with a sentence that says what is wrong.
    init(_ status: Status, saying reason: String) {
        self.init(status, [("Content-Type", "text/plain; charset=utf-8")])
        body = reason + "\r\n"
    }

    /// The answer as it is sent.
    ///
    /// - Parameter number: The number of the request; nil where it could not be read.
    /// - Returns: The bytes.
    func bytes(number: String?) -> [UInt8] {
        var lines = ["RTSP/1.0 \(status.rawValue) \(status.words)"]
        if let number { lines.append("CSeq: \(number)") }
        lines.append("Server: swift-camera")
        lines += fields.map { "\($0.name): \($0.value)" }
        if !body.isEmpty { lines.append("Content-Length: \(body.utf8.count)") }
        return Array((lines.map { $0 + "\r\n" }.joined() + "\r\n" + body).utf8)
    }
}
