// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraKit
internal import CameraServer
internal import Glibc

/// Where a server listens, and for whom.
struct NetworkOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The address to listen on: 127.0.0.1 is this machine alone; 0.0.0.0, for the network, needs a password.",
            valueName: "ADDRESS"))
    var address = "127.0.0.1"

    @Option(help: ArgumentHelp("The port of the page and the API; 0 for a free one.", valueName: "N"))
    var port = 8080

    @Option(
        help: ArgumentHelp("The port of RTSP; 0 for a free one, or none.", valueName: "N|none"),
        transform: parsing(Self.rtspPort))
    var rtspPort = RTSPPort(number: 8554)

    @Option(
        help: ArgumentHelp(
            "A file whose first line is the password; else the environment's CAMERA_PASSWORD.", valueName: "FILE"))
    var passwordFile: String?

    @Option(
        help: ArgumentHelp(
            "A name by which browsers call the server, such as that of a reverse proxy; may be given several times.",
            valueName: "NAME"))
    var hostName: [String] = []

    /// A port, or none.
    struct RTSPPort {
        let number: Int?
    }

    private static func rtspPort(_ text: String) throws(CameraError) -> RTSPPort {
        if text == "none" { return RTSPPort(number: nil) }
        guard let number = Int(text), (0...65_535).contains(number) else {
            throw CameraError(
                .invalidValue, "reading the port of RTSP", subject: text, reason: "it is a number up to 65535, or none")
        }
        return RTSPPort(number: number)
    }

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port takes a number up to 65535") }
    }

    /// The options in the library's words.
    func options() throws -> CameraServer.Options {
        var options = CameraServer.Options()
        options.address = address
        options.port = port
        options.rtspPort = rtspPort.number
        options.hostNames = hostName
        options.password = try password()
        return options
    }

    /// It comes by no argument, which every user of the machine could read.
    private func password() throws -> String? {
        guard let path = passwordFile else { return getenv("CAMERA_PASSWORD").map { String(cString: $0) } }
        guard let file = path.withFileName({ fopen($0, "re") }) else {
            throw CameraError(
                .notFound, "reading the password", subject: path, reason: String(cString: strerror(errno)))
        }
        defer { fclose(file) }
        var bytes = [CChar](repeating: 0, count: 1024)
        _ = fgets(&bytes, Int32(bytes.count), file)
        let text = bytes.prefix { $0 != 0 && $0 != 0x0A && $0 != 0x0D }.map(UInt8.init(bitPattern:))
        let line = String(decoding: text, as: UTF8.self)
        guard !line.isEmpty else {
            throw CameraError(
                .invalidValue, "reading the password", subject: path, reason: "the file's first line is empty")
        }
        return line
    }
}
