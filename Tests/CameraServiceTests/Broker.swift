// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Debian's broker of MQTT, mosquitto, on a port of its own.
final class Broker {
    let port: Int
    private let folder: TemporaryFolder
    private let arguments: [String]
    private var process: Process?

    /// - Parameters:
    ///   - lines: More lines of its configuration.
    ///   - client: More arguments of the programs that look at it.
    /// - Throws: When it cannot be started.
    init(_ lines: String = "allow_anonymous true", client: [String] = []) throws {
        folder = try TemporaryFolder()
        port = try Self.freePort()
        arguments = client
        let text = "user root\npersistence false\nlistener \(port) 127.0.0.1\n\(lines)\n"
        try Data(text.utf8).write(to: folder.file("broker.conf"))
        try start()
    }

    deinit { kill() }

    func start() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/sbin/mosquitto")
        process.arguments = ["-c", folder.path("broker.conf")]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        self.process = process
        #expect(try eventually { try publish("test/ready", "yes") == 0 })
    }

    func kill() {
        guard let process, process.isRunning else { return }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private var connection: [String] { ["-h", "127.0.0.1", "-p", "\(port)"] + arguments }

    @discardableResult
    func publish(_ topic: String, _ text: String, isRetained: Bool = false) throws -> Int32 {
        try run("mosquitto_pub", connection + ["-t", topic, "-m", text] + (isRetained ? ["-r"] : [])).status
    }

    /// The payload that is told next of a topic, or that the broker has kept; nil after some time.
    func payload(_ topic: String) throws -> Data? {
        let words = ["-s", "KILL", "10", "mosquitto_sub", "-t", topic, "-C", "1", "-N"]
        let result = try run("timeout", words + connection)
        return result.status == 0 ? result.output : nil
    }

    func text(_ topic: String) throws -> String? {
        try payload(topic).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether a topic comes to have a value.
    func comes(_ topic: String, _ value: String) throws -> Bool { try eventually { try text(topic) == value } }

    /// What the broker has kept below a topic, once there is so much of it.
    func kept(_ topic: String, count: Int) throws -> [String: String] {
        #expect(try eventually { try topics(topic).count >= count })
        let words = ["-t", topic, "-C", "\(count)", "--retained-only", "-F", "%t\t%p"]
        var found: [String: String] = [:]
        for line in try run("mosquitto_sub", connection + words).text.split(separator: "\n") {
            let parts = line.split(separator: "\t", maxSplits: 1).map(String.init)
            found[parts[0]] = parts.count > 1 ? parts[1] : ""
        }
        return found
    }

    /// The topics that the broker has kept below one, as many as there are.
    func topics(_ topic: String) throws -> Set<String> {
        // Its own option for a time needs a signal that test threads may have blocked.
        let words = ["-s", "KILL", "1", "mosquitto_sub", "-t", topic, "--retained-only", "-F", "%t"]
        return Set(try run("timeout", words + connection).text.split(separator: "\n").map(String.init))
    }

    /// A port that nobody uses now.
    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = bind(descriptor, pointer, length)
                _ = getsockname(descriptor, pointer, &length)
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
