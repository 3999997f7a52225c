// SPDX-License-Identifier: MIT

package import ArgumentParser
package import CameraKit
package import CameraServer
internal import Glibc

/// Where a server listens, and for whom.
package struct NetworkOptions: ParsableArguments, Sendable {
    package init() {}

    @Option(
        help: ArgumentHelp(
            "The address to listen on: 127.0.0.1, unless given, is this machine alone; 0.0.0.0 needs a password.",
            valueName: "ADDRESS"))
    package var address: String?

    @Option(
        help: ArgumentHelp("The port of the page and the API; 0 for a free one; 8080 unless given.", valueName: "N"),
        transform: parsing(Parse.port))
    package var port: Int?

    @Option(
        help: ArgumentHelp("The port of RTSP; 0 for a free one, or none; 8554 unless given.", valueName: "N|none"),
        transform: parsing(RTSPPort.init(parsing:)))
    package var rtspPort: RTSPPort?

    @Option(
        help: ArgumentHelp(
            "A file whose first line is the password; else the environment's CAMERA_PASSWORD.", valueName: "FILE"),
        completion: .file())
    package var passwordFile: String?

    @Option(
        help: ArgumentHelp(
            "A name by which browsers call the server, such as that of a reverse proxy; may be given several times.",
            valueName: "NAME"))
    package var hostName: [String] = []

    /// A port, or none.
    package struct RTSPPort: Sendable {
        package let number: Int?

        /// Reads "8554" or "none".
        @Sendable package init(parsing text: String) throws(CameraError) {
            number = text == "none" ? nil : try Parse.port(text)
        }
    }

    /// Puts what was given into a server's options.
    ///
    /// - Throws: `.notFound` and `.invalidValue` for a file of the password.
    package func apply(to options: inout CameraServer.Options) throws(CameraError) {
        if let address { options.address = address }
        if let port { options.port = port }
        if let rtspPort { options.rtspPort = rtspPort.number }
        if !hostName.isEmpty { options.hostNames = hostName }
        if let passwordFile { options.password = try Parse.firstLine(ofSecret: passwordFile) }
    }

    /// The environment's password, which no argument brings: every user of the machine could read that.
    package static var passwordOfEnvironment: String? { getenv("CAMERA_PASSWORD").map { String(cString: $0) } }
}

extension Parse {
    /// Reads the number of a port.
    package static func port(_ text: String) throws(CameraError) -> Int {
        guard let number = Int(text), (0...65_535).contains(number) else {
            throw CameraError(
                .invalidValue, "reading a port", subject: text, reason: "write a number up to 65535; 0 is a free port")
        }
        return number
    }

    /// The first line of a file with a secret.
    ///
    /// - Throws: `.notFound` for a file that cannot be read, `.invalidValue` for an empty line; neither has the secret in it.
    package static func firstLine(ofSecret path: String) throws(CameraError) -> String {
        let operation = "reading the password"
        guard let file = path.withFileName({ fopen($0, "re") }) else {
            throw CameraError(.notFound, operation, subject: path, reason: String(cString: strerror(errno)))
        }
        defer { fclose(file) }
        var bytes = [CChar](repeating: 0, count: 1024)
        _ = fgets(&bytes, Int32(bytes.count), file)
        let text = bytes.prefix { $0 != 0 && $0 != 0x0A && $0 != 0x0D }.map(UInt8.init(bitPattern:))
        let line = String(decoding: text, as: UTF8.self)
        guard !line.isEmpty else {
            throw CameraError(.invalidValue, operation, subject: path, reason: "the file's first line is empty")
        }
        return line
    }
}
